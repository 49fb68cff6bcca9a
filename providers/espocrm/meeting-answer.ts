import { z } from 'zod'
import type { Crm } from '#src/contract/crm.ts'
import { unreadable } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { codeWord, ours, type PublicReason } from '#src/model/public-reason.ts'
import type { Attributes } from './api.ts'
import { type Espo, isRecord, pathOf } from './espo.ts'
import { acceptances, attendeeLinks } from './meeting.ts'
import { notTaken } from './written.ts'

const ids = z.array(z.string()).nullish().catch(undefined)
const columns = z
  .record(z.string(), z.looseObject({ status: z.string().nullish() }))
  .nullish()
  .catch(undefined)
const attended = z.object({
  status: z.string(),
  leadsIds: ids,
  leadsColumns: columns,
  contactsIds: ids,
  contactsColumns: columns,
})
type Attended = z.infer<typeof attended>
type Link = 'leads' | 'contacts'

/** Accepts a meeting for one who attends it, or declines it and calls it off; the others stay as they are. */
export function espoAnswerMeeting({ api, report }: Espo): Crm['answerAppointment'] {
  return async (meeting, person, answer) => {
    const record = { type: 'Meeting', id: meeting.id }
    const link = attendeeLinks.get(person.type)
    if (!isRecord(record) || !isRecord(person)) throw refused(ours`there is no such meeting`)
    if (link === undefined && answer === 'confirm')
      throw refused(ours`${codeWord(person.type)} cannot accept a meeting (only a lead or a contact attends)`)
    const current = await api.read(pathOf(record))
    if (current === undefined) throw refused(ours`the meeting is no longer there`)
    const now = attended.safeParse(current)
    if (!now.success) throw unreadable('espocrm')
    const change = changeOf(now.data, link, person.id, answer)
    if (Object.keys(change).length === 0) return false
    const lost = notTaken('Meeting', change, await api.write('PUT', pathOf(record), change), report)
    // Never taken for answered: the customer would be told so.
    if (lost.length > 0) throw notAnswered()
    return true
  }
}

/** What must change; nothing where it was so answered before. Throws where the meeting has been held, or called off. */
function changeOf(
  now: Attended,
  link: Link | undefined,
  id: string,
  answer: 'confirm' | 'cancel',
): Attributes {
  const acceptance = acceptances[answer]
  const accepted = link === undefined || now[`${link}Columns`]?.[id]?.status === acceptance
  const done = answer === 'confirm' || now.status === 'Not Held'
  if (accepted && done) return {}
  if (now.status === 'Held' || (answer === 'confirm' && now.status === 'Not Held'))
    throw refused(ours`the meeting is no longer planned`)
  return {
    ...(!done && { status: 'Not Held' }),
    ...(link !== undefined && !accepted && attendance(now, link, id, acceptance)),
  }
}

/**
 * The whole list, since a person who is not in it is removed, and no list where we cannot see it. Of acceptances, this one
 * alone, since that of the others stays.
 */
function attendance(now: Attended, link: Link, id: string, status: string): Attributes {
  const others = now[`${link}Ids`]
  return {
    ...(others && { [`${link}Ids`]: others.includes(id) ? others : [...others, id] }),
    [`${link}Columns`]: { [id]: { status } },
  }
}

function notAnswered(): ProviderError {
  const reason =
    'espocrm: did not take the answer to a meeting (let the role edit Meeting and all of its fields)'
  return new ProviderError('espocrm', 'retryable', reason, { onlyThis: true })
}

function refused(reason: PublicReason): ProviderError {
  return new ProviderError('espocrm', 'permanent', ours`espocrm: ${reason}`)
}
