import type { Crm, CrmPerson, CrmRecord } from '#src/contract/crm.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import type { JobMessage } from '#src/store/calls/jobs.ts'
import type { Store } from '#src/store/store.ts'
import { isGuess, whoMayWrite } from './traced.ts'

/**
 * Withdraws the mail addresses of somebody who asked for that on another channel, as if the provider of that channel had told
 * it of each. False: nobody knows surely whose they are, or there are none.
 */
export type StopMail = (message: JobMessage, person: CrmRecord | CrmPerson | undefined) => Promise<boolean>

export function stopMail({ store, crm }: { store: Pick<Store, 'recordEvents'>; crm: Crm }): StopMail {
  return async (message, person) => {
    if (!person || isGuess(person)) return false
    const [writer] = await whoMayWrite(crm, message)
    if (writer?.type !== person.type || writer.id !== person.id) return false
    const emails = await crm.emailsOf(person)
    for (const email of emails) {
      const event = withdrawal(message, email)
      const nothingElse = { outcomes: [], quarantined: [] }
      await store.recordEvents({ events: [{ event, requestId: message.request_id }], ...nothingElse })
      await crm.mark(person, { email }, { optedOut: true })
    }
    return emails.length > 0
  }
}

/** The same however often the work is repeated. */
function withdrawal(message: JobMessage, email: string) {
  const { id, provider, channel, created_at: at } = message
  return {
    provider,
    eventId: `mail:${id}:${keptAddress(email)}`.slice(0, 255),
    type: 'unsubscribed' as const,
    providerType: `said_by_${channel}`,
    channel: 'email' as const,
    recipient: email,
    consent: 'withdrawn' as const,
    source: 'webhook' as const,
    occurredAt: at,
    receivedAt: at,
    raw: null,
  }
}
