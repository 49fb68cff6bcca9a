import type { Crm, CrmPerson, CrmRecord, TracedMessage } from '#src/contract/crm.ts'
import { type Channel, channels, outgoingMessage } from '#src/model/message.ts'
import type { Row } from '#src/store/kept.ts'

/** A message's row as the CRM shows it, with the person that it went to or came from. */
export async function traced(crm: Crm, row: Row): Promise<TracedMessage> {
  const inbound = row.direction === 'inbound'
  const sent = inbound ? undefined : outgoingMessage.parse(row.payload)
  const unsent = !inbound && neverTaken(row)
  return {
    id: String(row.id),
    channel: channelOf(row),
    direction: inbound ? 'inbound' : 'outbound',
    from: textOrNone(row.sender),
    to: String(row.recipient),
    subject: textOrNone(row.subject),
    html: sent?.channel === 'email' ? sent.html : undefined,
    // The row's text is the HTML where an email has nothing else.
    text: sent?.channel === 'email' ? sent.text : textOrNone(row.text),
    at: new Date(String(unsent ? endedAt(row) : (row.sent_at ?? row.queued_at ?? row.created_at))),
    unsent,
    parent: recordOf(row.parent_type, row.parent_id),
    person: await personOf(crm, row),
  }
}

/** Whoever took it gave it an id; a person may have settled that it went out. `queued_at` is our own first attempt. */
function neverTaken(row: Row): boolean {
  const taken = row.provider_message_id ?? row.sent_at
  return taken === null && (row.status === 'failed' || row.status === 'rejected')
}

function endedAt(row: Row): Row[string] | undefined {
  return row.status === 'rejected' ? row.rejected_at : row.failed_at
}

/** Whom a message went to or came from: the lead that it names, else whoever has the address. */
export async function personOf(crm: Crm, row: Row): Promise<CrmRecord | CrmPerson | undefined> {
  return recordOf('Lead', row.lead_id) ?? (await crm.personBy(addressOf(row)))
}

/** Whether others in the CRM have the same address. */
export function isGuess(person: CrmRecord | CrmPerson): boolean {
  return 'ambiguous' in person && person.ambiguous
}

/** What the CRM knows a channel's addresses as. */
const kinds: Readonly<Record<Channel, 'email' | 'phone'>> = {
  email: 'email',
  sms: 'phone',
  whatsapp: 'phone',
}

export function addressOf(row: Row): { phone: string } | { email: string } {
  const address = String(row.direction === 'inbound' ? row.sender : row.recipient)
  return kinds[channelOf(row)] === 'email' ? { email: address } : { phone: address }
}

function channelOf(row: Row): Channel {
  return channels.find((candidate) => candidate === row.channel) ?? 'email'
}

function recordOf(type: unknown, id: unknown): CrmRecord | undefined {
  return typeof type === 'string' && typeof id === 'string' ? { type, id } : undefined
}

export function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function timeOrNone(value: unknown): Date | undefined {
  return typeof value === 'string' ? new Date(value) : undefined
}
