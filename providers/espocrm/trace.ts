import type { Crm } from '#src/contract/crm.ts'
import { emailRecords } from './email.ts'
import type { Espo } from './espo.ts'
import { messageIdField } from './message-id-field.ts'
import { postedMessages } from './posted-message.ts'

/** Messages and what became of them. An email is a record. One that is unsent or cannot be a record, and all else, is a note. */
export function espoTrace(espo: Espo): Pick<Crm, 'trace' | 'tell'> {
  const emails = emailRecords(espo, messageIdField(espo))
  const posted = postedMessages(espo)
  return {
    async trace(message) {
      // One post will say all of it, with the reason.
      if (message.unsent) return
      if (message.channel === 'email' && (await emails.ensure(message))) return
      await posted.trace(message)
    },
    async tell(message, facts) {
      const isRecord = message.channel === 'email' && !message.unsent
      const record = isRecord ? await emails.ensure(message) : undefined
      if (record === undefined) return posted.tell(message, facts)
      if (!(await emails.update(record, facts))) await posted.tellFailure(message, facts)
    },
  }
}
