import { z } from 'zod'
import { mailboxLeaseMs } from '#src/patience.ts'
import type { Call, Moment } from '../call.ts'

const place = z.object({ uid_validity: z.number().nullable(), last_uid: z.number().nullable() }).nullable()
const sentTo = z
  .object({ recipient: z.string(), copies: z.array(z.string()), created_at: z.coerce.date() })
  .nullable()

/** How far a mailbox was read; undefined: nobody knows. */
export interface MailboxPlace {
  uidValidity: number
  lastUid: number
}

/** Whom a mail went to, as addresses are kept. */
export interface SentTo {
  recipient: string
  copies: readonly string[]
  createdAt: Date
}

const lease = { lease_seconds: mailboxLeaseMs / 1_000 }

/** Which process reads a mailbox, and how far it was read; what a report may be about. */
export const mailboxesCalls = (call: Call, moment: Moment) => ({
  /** Takes the mailbox, or keeps it; `held: false`: another process has it. */
  async holdMailbox(
    mailbox: string,
    owner: string,
  ): Promise<{ held: false } | { held: true; place: MailboxPlace | undefined }> {
    const args = { of_mailbox: mailbox, reader: owner, ...lease, as_of: moment() }
    const held = place.parse(await call('hold_mailbox', args))
    if (held === null) return { held: false }
    const { uid_validity: uidValidity, last_uid: lastUid } = held
    return {
      held: true,
      place: uidValidity === null || lastUid === null ? undefined : { uidValidity, lastUid },
    }
  },

  /** Lets others have it at once. */
  async leaveMailbox(mailbox: string, owner: string): Promise<void> {
    await call('hold_mailbox', { of_mailbox: mailbox, reader: owner, lease_seconds: 0, as_of: moment() })
  },

  /** Whether this process still has it: only then is it kept. */
  async keepMailbox(
    mailbox: string,
    owner: string,
    { uidValidity, lastUid }: MailboxPlace,
  ): Promise<boolean> {
    return z.boolean().parse(
      await call('keep_mailbox', {
        of_mailbox: mailbox,
        reader: owner,
        validity: uidValidity,
        read_to: lastUid,
        ...lease,
        as_of: moment(),
      }),
    )
  },

  async mailSentTo(messageId: string): Promise<SentTo | undefined> {
    const sent = sentTo.parse(await call('mail_sent_to', { of_message: messageId }))
    return sent === null ? undefined : { ...sent, createdAt: sent.created_at }
  },
})
