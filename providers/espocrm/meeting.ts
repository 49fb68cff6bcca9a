import { z } from 'zod'
import type { Appointment, Crm, CrmRecord } from '#src/contract/crm.ts'
import { espoTime, momentOf } from './clock.ts'
import { type Espo, isRecord, pathOf } from './espo.ts'
import { list } from './search.ts'
import type { Where } from './where.ts'
import { equals } from './where.ts'

const text = z.string().nullish().catch(undefined)
const meetingRecord = z.object({
  id: z.string().min(1),
  name: text,
  status: text,
  dateStart: text,
  dateStartDate: text,
})

/** Its statuses. A meeting with a status of the installation's own is not one that we could answer. */
const statuses = new Map<string, Appointment['status']>([
  ['Planned', 'planned'],
  ['Held', 'held'],
  ['Not Held', 'cancelled'],
])

/** The link by which a person attends a meeting; an account does not attend, it only has meetings. */
export const attendeeLinks = new Map<string, 'leads' | 'contacts'>([
  ['Lead', 'leads'],
  ['Contact', 'contacts'],
])

/** EspoCRM checks the spelling of an acceptance nowhere: the words stand here alone. */
export const acceptances = { confirm: 'Accepted', cancel: 'Declined' } as const

/** A meeting, which is an appointment, by its id or as the next planned one of a person. */
export function espoMeetings({ api, timeZone }: Espo): Pick<Crm, 'appointment' | 'nextAppointment'> {
  return {
    async appointment(id, whose) {
      const record = { type: 'Meeting', id }
      if (!isRecord(record)) return undefined
      const meeting = await api.read(pathOf(record))
      const found = meetingOf(meeting, timeZone)
      if (whose === undefined || found === undefined) return found
      return concerns(meeting, whose) ? { ...found, answered: answeredIn(meeting, whose) } : undefined
    },
    async nextAppointment(person, after) {
      if (!isRecord(person)) return undefined
      const search = {
        where: [
          equals('status', 'Planned'),
          { type: 'greaterThan', attribute: 'dateStart', value: espoTime(after) },
          { type: 'or', value: whoseOf(person) },
        ] satisfies Where[],
        select: Object.keys(meetingRecord.shape),
        // By itself it lists the latest first.
        orderBy: 'dateStart',
        order: 'asc' as const,
        maxSize: 1,
      }
      const [next] = await list(api, 'Meeting', search, meetingRecord)
      return meetingOf(next, timeZone)
    },
  }
}

const acceptanceOf = z
  .record(z.string(), z.looseObject({ status: z.string().nullish() }))
  .nullish()
  .catch(undefined)
const attendance = z.object({ leadsColumns: acceptanceOf, contactsColumns: acceptanceOf })

const people = z.object({
  parentType: text,
  parentId: text,
  accountId: text,
  leadsIds: z.array(z.string()).nullish().catch(undefined),
  contactsIds: z.array(z.string()).nullish().catch(undefined),
})

/** Whether a meeting is about this person, or has it among those who attend. */
function concerns(meeting: unknown, { type, id }: CrmRecord): boolean {
  const { data } = people.safeParse(meeting)
  if (!data) return false
  const attendees = { Lead: data.leadsIds, Contact: data.contactsIds, Account: [data.accountId] }
  const those = Object.entries(attendees).find(([name]) => name === type)?.[1] ?? []
  return those.includes(id) || (data.parentType === type && data.parentId === id)
}

/** What one who attends has answered; "Tentative" is no answer. */
function answeredIn(meeting: unknown, { type, id }: CrmRecord): Appointment['answered'] {
  const link = attendeeLinks.get(type)
  const { data } = attendance.safeParse(meeting)
  const said = link && data?.[`${link}Columns`]?.[id]?.status
  if (said === acceptances.confirm) return 'confirm'
  return said === acceptances.cancel ? 'cancel' : undefined
}

/** The person it is about and those who attend are two things that EspoCRM does not keep together. */
function whoseOf({ type, id }: CrmRecord): Where[] {
  const about: Where = { type: 'and', value: [equals('parentType', type), equals('parentId', id)] }
  const link = attendeeLinks.get(type)
  if (link !== undefined) return [{ type: 'linkedWith', attribute: link, value: [id] }, about]
  return type === 'Account' ? [equals('accountId', id), about] : [about]
}

function meetingOf(record: unknown, timeZone: string): Appointment | undefined {
  const { data } = meetingRecord.safeParse(record)
  const status = statuses.get(data?.status ?? '')
  const startsAt = momentOf(data?.dateStart ?? data?.dateStartDate ?? '', timeZone)
  return data && status && startsAt && { id: data.id, name: data.name ?? '', status, startsAt }
}
