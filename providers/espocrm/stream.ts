import { z } from 'zod'
import type { CrmRecord } from '#src/contract/crm.ts'
import { type Espo, pathOf } from './espo.ts'
import { list } from './search.ts'
import { notTaken } from './written.ts'

const post = z.object({ post: z.string().nullish() })
/** Far below what a post may have, and above any message: a text that is not a message is cut. */
const longest = 60_000

/** A post in the stream of a record, once for each tag. */
export async function postOnce({ api, report }: Espo, about: CrmRecord, tag: string, text: string) {
  const there = await list(
    api,
    `${pathOf(about)}/posts`,
    { where: [{ type: 'contains', attribute: 'post', value: tag }], maxSize: 20 },
    post,
  )
  if (there.some(({ post }) => post?.includes(tag))) return
  const note = {
    type: 'Post',
    parentType: about.type,
    parentId: about.id,
    post: `${text.slice(0, longest)}\n\n${tag}`,
  }
  notTaken('Note', note, await api.write('POST', 'Note', note), report)
}
