import { type Attributes, type Books, find } from './books.ts'
import { badRequest, forbidden, notFound } from './refusal.ts'
import { demand, may } from './role.ts'
import { columnsOf, idsOf, nameOf, wholeOf } from './shown.ts'

const links = [
  ['users', 'User'],
  ['contacts', 'Contact'],
  ['leads', 'Lead'],
] as const
const acceptances = ['Accepted', 'Tentative', 'Declined']

/** Everybody who attends a meeting, and what they said. */
export function attendeesOf(books: Books, id: string): Attributes[] {
  demand(books.switches, 'Meeting', 'read')
  const meeting = find(books, 'Meeting', id)
  if (meeting === undefined) throw notFound('')
  const whole = wholeOf(books, meeting)
  return links.flatMap(([link, entity]) => {
    const columns = columnsOf(whole[`${link}Columns`])
    return idsOf(whole[`${link}Ids`]).map((one) => {
      const person = find(books, entity, one)
      const isSeen = may(books.switches, entity, 'read')
      const address = person && wholeOf(books, person).emailAddress
      const emailAddress = address && !isSeen ? 'dummy@dummy.dummy' : (address ?? null)
      return {
        id: one,
        name: nameOf(person),
        acceptanceStatus: columns[one]?.status ?? 'None',
        emailAddress,
        _scope: entity,
      }
    })
  })
}

/** Accepts or declines for the calling user alone: of no use for a lead. */
export function setAcceptance(books: Books, userId: string, { id, status }: Attributes): void {
  if (!id || !status) throw badRequest('No id or status.')
  if (!acceptances.some((one) => one === status)) throw badRequest('Acceptance status not allowed.')
  const meeting = find(books, 'Meeting', id)
  if (meeting === undefined) throw notFound('')
  const { usersIds, usersColumns } = meeting.attributes
  if (!idsOf(usersIds).includes(userId)) throw forbidden('')
  const columns = { ...columnsOf(usersColumns), [userId]: { status } }
  meeting.attributes = { ...meeting.attributes, usersColumns: columns }
  books.keep(meeting)
}
