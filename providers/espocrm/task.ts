import { z } from 'zod'
import type { Crm, CrmRecord } from '#src/contract/crm.ts'
import type { Attributes } from './api.ts'
import { canBeParent, type Espo, isParentType, isRecord, pathOf } from './espo.ts'
import { plainText } from './markdown.ts'
import { list } from './search.ts'
import { tagOf } from './tag.ts'
import { equals } from './where.ts'
import { notTaken } from './written.ts'

const longestName = 255
const described = z.object({ description: z.string().nullish() })
const assigned = z.looseObject({ assignedUserId: z.string().nullish() })

/** A task for a person, once for each key: its tag stands in the description. */
export function espoTask(espo: Espo): Crm['task'] {
  const { api, report, owner } = espo
  return async (about, key, title, text) => {
    const tag = tagOf('t', key)
    const search = {
      where: [{ type: 'contains' as const, attribute: 'description', value: tag }, ...whereAbout(about)],
      select: ['id', 'description'],
      maxSize: 20,
    }
    const there = await list(api, 'Task', search, described)
    if (there.some(({ description }) => description?.includes(tag))) return
    const task = {
      name: nameOf(title),
      status: 'Not Started',
      priority: 'Normal',
      description: [plainText(text), ...linkTo(about), tag].join('\n\n'),
      ...(canBeParent(about) && { parentType: about.type, parentId: about.id }),
      ...(await ownerOf(espo, about)),
      ...owner,
    }
    notTaken('Task', task, await api.write('POST', 'Task', task), report)
  }
}

/** EspoCRM wants every task assigned: where nobody is configured it goes to the user whose record it is. */
async function ownerOf({ api, owner }: Espo, about: CrmRecord | undefined): Promise<Attributes> {
  if (owner.assignedUserId !== undefined || !isRecord(about)) return {}
  const { data } = assigned.safeParse(await api.read(pathOf(about)))
  return data?.assignedUserId ? { assignedUserId: data.assignedUserId } : {}
}

function whereAbout(about: CrmRecord | undefined) {
  return canBeParent(about) ? [equals('parentType', about.type), equals('parentId', about.id)] : []
}

/** A link to what cannot be the parent of a task, such as a meeting. */
function linkTo(about: CrmRecord | undefined): string[] {
  if (!isRecord(about) || isParentType(about.type)) return []
  return [`[${about.type}](#${about.type}/view/${about.id})`]
}

/** Its name takes no `<`, `>` and `=` (`noBadCharacters`), and no line break. */
function nameOf(title: string): string {
  return (
    title
      .replace(/[<>=\s]+/g, ' ')
      .trim()
      .slice(0, longestName)
      .toWellFormed() || 'max-comms'
  )
}
