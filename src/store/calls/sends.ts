import { z } from 'zod'
import { jobsOf } from '#src/model/job.ts'
import { type OutgoingMessage, outgoingMessage } from '#src/model/message.ts'
import { keysKeptForMs, mostSettledAtOnce, repeatWaitMs } from '#src/patience.ts'
import { type Call, heard, sqlArguments } from '../call.ts'
import { type Circumstances, circumstances, limited } from '../circumstances.ts'
import { revival, textOrNone } from '../columns.ts'
import type { Batch, Claim, NewMessage, Outcome, ReservationOptions } from '../kept.ts'
import { messageRow } from '../message-row.ts'
import { batchRows, outcomeRow } from '../rows.ts'
import { shownEscalation, shownMessage } from '../shown.ts'

const reserved = z.object({
  outcome: z.enum(['reserved', 'scheduled', 'repeat', 'conflict', 'limited', 'cancelled']),
  limited: limited.optional(),
  /** Of a repeat: the message that its key has. */
  message: shownMessage.optional(),
  circumstances: circumstances.optional(),
  /** Until it expires: less than 0 where it has. */
  expires_in_seconds: z.number().nullish(),
})
export type Reservation = z.infer<typeof reserved>

/** A message whose next attempt has begun. */
const due = z.object({
  id: z.string(),
  provider: z.string(),
  fallback: textOrNone,
  /** The provider that the fallback stands in for. */
  instead_of: textOrNone,
  attempts: z.number(),
  attempts_before: z.number(),
  /** Whether its outcome was unknown. */
  uncertain: z.boolean(),
  /** Since it was first due. */
  queued_for_seconds: z.number(),
  /** Until it expires: less than 0 where it has. */
  expires_in_seconds: z.number().nullish(),
  /** Its caller said nothing. */
  expires_by_default: z.boolean(),
  request_id: textOrNone,
  begun_at: z.string(),
  circumstances,
})
export type DueMessage = z.infer<typeof due>

const cancelled = z.object({
  outcome: z.enum(['cancelled', 'too_late', 'missing']),
  message: shownMessage.optional(),
  escalation: shownEscalation.nullish(),
})
const revived = z.object({
  outcome: revival,
  message: shownMessage.optional(),
})
const settled = z.object({
  outcome: z.enum(['settled', 'known', 'missing']),
  message: shownMessage.optional(),
})
const attemptOf = z.object({ id: z.string(), provider: z.string() })
const expired = z.object({ expired: z.array(attemptOf) })
const openClaim = z.object({ message_id: z.string(), number: z.number(), begun_at: z.string() })
export type OpenClaim = z.infer<typeof openClaim>
const undoing = z.object({ undone: z.number(), alive: z.boolean() })

/** How a send is kept on its way: reserved, attempted, given up or settled. */
export const sendsCalls = (call: Call) => ({
  /** One answer for each, in their order; all of them or, where it throws, none. */
  async reserveMessages(
    wanted: readonly { message: NewMessage; options: ReservationOptions }[],
  ): Promise<Reservation[]> {
    const reservations = wanted.map(({ message, options }) =>
      sqlArguments({
        message: messageRow(message),
        idempotency: options.idempotency,
        limits: { hour: options.limits.hour, recipientDay: options.limits.recipientDay },
        owner: options.owner,
        lease_seconds: options.leaseSeconds,
        as_of: options.now,
      }),
    )
    const args = { reservations, key_seconds: keysKeptForMs / 1_000, ...heard }
    return z.array(reserved).parse(await call('reserve_messages', args))
  },

  async reserveMessage(message: NewMessage, options: ReservationOptions): Promise<Reservation> {
    const [reservation] = await this.reserveMessages([{ message, options }])
    if (!reservation) throw new Error('the store was asked for one reservation and gave none')
    return reservation
  },

  /** Undoes a reservation whose answer was lost, if it is there; `alive`: its transaction is still under way. */
  async undoReservation(id: string, tenantId: string, key: string | undefined) {
    const repeats = { repeat_wait_seconds: repeatWaitMs / 1_000 }
    const args = { wanted: id, tenant: tenantId, idempotency_key: key, ...repeats }
    return undoing.parse(await call('undo_reservation', args))
  },

  /** Ends an attempt and begins the next one at the message's fallback; its circumstances, or undefined: it was not begun. */
  async failOver(
    outcome: Outcome,
    { owner, leaseSeconds }: { owner: string; leaseSeconds: number },
  ): Promise<Circumstances | undefined> {
    const args = { proof: outcomeRow(outcome), owner, lease_seconds: leaseSeconds, follows: jobsOf, ...heard }
    return circumstances.nullable().parse(await call('fail_over', args)) ?? undefined
  },

  async settleUnknown(id: string, tenantId: string | undefined, batch: Pick<Batch, 'events' | 'outcomes'>) {
    const { events, outcomes } = batchRows(batch)
    const args = { wanted: id, tenant: tenantId, told: events, outcome: outcomes[0], follows: jobsOf }
    return settled.parse(await call('settle_unknown', args))
  },

  async cancelMessage(
    id: string,
    tenantId: string | undefined,
    batch: Pick<Batch, 'events'> = { events: [] },
  ) {
    const told = batchRows(batch).events
    const args = { wanted: id, tenant: tenantId, told, follows: jobsOf }
    return cancelled.parse(await call('cancel_message', args))
  },

  async claimDue(options: Claim): Promise<DueMessage[]> {
    return z.array(due).parse(
      await call('claim_due', {
        owner: options.owner,
        lease_seconds: options.leaseSeconds,
        repeat_seconds: options.repeatSeconds,
        at_most: options.limit,
        busy: options.busy ?? [],
        avoided: options.avoided ?? [],
        stand_ins: options.standIns ?? [],
        off: options.off ?? [],
        as_of: options.now,
        ...heard,
      }),
    )
  },

  /** The attempts that this owner has claimed and that have not ended. */
  async openClaims(owner: string): Promise<OpenClaim[]> {
    return z.array(openClaim).parse(await call('open_claims', { owner }))
  },

  /** Attempts of claims that nobody heard of: they are none, and their messages are due again. */
  async giveBack(unheard: readonly OpenClaim[]) {
    return z.array(attemptOf).parse(await call('give_back', { unheard: [...unheard] }))
  },

  /** What was asked to be sent. Throws ZodError where only a newer server can read it, or it is gone. */
  async outgoing(messageId: string): Promise<OutgoingMessage> {
    return outgoingMessage.parse(await call('message_payload', { wanted: messageId }))
  },

  /** The same; undefined where it is gone, some time after its message has ended. */
  async outgoingIfKept(messageId: string): Promise<OutgoingMessage | undefined> {
    const kept = await call('message_payload', { wanted: messageId })
    return kept === null ? undefined : outgoingMessage.parse(kept)
  },

  /** For how long the message is due that has waited longest, but for these providers'; 0: none is. */
  async longestDueMs(leftOut: readonly string[] = [], now?: Date): Promise<number> {
    const seconds = await call('longest_due', { left_out: [...leftOut], as_of: now })
    return (z.number().nullable().parse(seconds) ?? 0) * 1_000
  },

  async endExpiredAttempts(
    now?: Date,
    providers: { repeaters: string[]; finders: string[] } = { repeaters: [], finders: [] },
  ): Promise<{ id: string; provider: string }[]> {
    const args = { ...providers, at_most: mostSettledAtOnce, as_of: now, follows: jobsOf }
    return expired.parse(await call('end_expired_attempts', args)).expired
  },

  async reviveDeadLetter(id: string, tenantId: string | undefined, batch: Pick<Batch, 'events'>, now?: Date) {
    const told = batchRows(batch).events
    const args = { wanted: id, tenant: tenantId, told, as_of: now, follows: jobsOf }
    return revived.parse(await call('revive_dead_letter', args))
  },
})
