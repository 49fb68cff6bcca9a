import type { Crm, CrmPerson, CrmRecord, TracedMessage } from '#src/contract/crm.ts'
import type { Channel } from '#src/model/message.ts'
import type { JobMessage } from '#src/store/calls/jobs.ts'
import type { Store } from '#src/store/store.ts'

/** A message's row as the CRM shows it, with the person that it went to or came from. */
export async function traced(
  { crm, store }: { crm: Crm; store: Pick<Store, 'outgoingIfKept'> },
  row: JobMessage,
): Promise<TracedMessage> {
  const inbound = row.direction === 'inbound'
  const sent = !inbound && row.channel === 'email' ? await store.outgoingIfKept(row.id) : undefined
  const unsent = !inbound && neverTaken(row)
  return {
    id: row.id,
    channel: row.channel,
    direction: row.direction,
    from: row.sender,
    to: row.recipient,
    subject: row.subject,
    html: sent?.channel === 'email' ? sent.html : undefined,
    // Of an older email that is HTML alone the row's text is that.
    text: sent?.channel === 'email' ? sent.text : row.text,
    at: (unsent ? endedAt(row) : (row.sent_at ?? row.queued_at)) ?? row.created_at,
    unsent,
    parent: recordOf(row.parent_type, row.parent_id),
    person: await personOf(crm, row),
  }
}

/** A provider that took it gave it an id; or a person settled that it went out. `queued_at` is our own first attempt. */
function neverTaken(row: JobMessage): boolean {
  const taken = row.provider_message_id ?? row.sent_at
  return taken === undefined && (row.status === 'failed' || row.status === 'rejected')
}

function endedAt(row: JobMessage): Date | undefined {
  return row.status === 'rejected' ? row.rejected_at : row.failed_at
}

/** The person a message went to or came from: the one it names, else the one who has the address. */
export async function personOf(crm: Crm, row: JobMessage): Promise<CrmRecord | CrmPerson | undefined> {
  return row.lead_id === undefined ? holderOf(crm, row) : crm.personRecord(row.lead_id)
}

/** The one whom the CRM knows under the address that a message went to or came from. */
export async function holderOf(crm: Crm, row: JobMessage): Promise<CrmPerson | undefined> {
  return crm.personBy(addressOf(row))
}

/**
 * Those whom the CRM knows under the address that this came from: what a send names as its person and its appointment is not
 * believed alone. Where it named nobody, and several have the address, only the one that was chosen.
 */
export async function whoMayWrite(crm: Crm, message: JobMessage): Promise<CrmRecord[]> {
  const found = await holderOf(crm, message)
  if (!found) return []
  if (message.lead_id === undefined) return [found]
  const named = crm.personRecord(message.lead_id)
  const isNamed = ({ type, id }: CrmRecord) => type === named.type && id === named.id
  const all = [found, ...found.others]
  return [...all.filter(isNamed), ...all.filter((one) => !isNamed(one))]
}

/** The appointment that a message is about. */
export function appointmentOf(
  crm: Crm,
  { parent_type: type, parent_id: id }: Pick<JobMessage, 'parent_type' | 'parent_id'>,
): CrmRecord | undefined {
  const parent = recordOf(type, id)
  return parent && crm.appointmentTypes.includes(parent.type) ? parent : undefined
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

export function addressOf({
  channel,
  direction,
  sender,
  recipient,
}: JobMessage): { phone: string } | { email: string } {
  const address = direction === 'inbound' ? (sender ?? '') : recipient
  return kinds[channel] === 'email' ? { email: address } : { phone: address }
}

function recordOf(type: string | undefined, id: string | undefined): CrmRecord | undefined {
  return type !== undefined && id !== undefined ? { type, id } : undefined
}
