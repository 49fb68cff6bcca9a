import type { Circumstances, Reservation } from '../answers.ts'
import * as answers from '../answers.ts'
import { type Call, sqlArguments } from '../call.ts'
import type { Batch, Claim, NewMessage, Outcome, ReservationOptions, Row } from '../kept.ts'
import { batchRows, messageRow, outcomeRow } from '../rows.ts'

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
    return answers.reservedAll.parse(await call('reserve_messages', { reservations }))
  },

  async reserveMessage(message: NewMessage, options: ReservationOptions): Promise<Reservation> {
    const [reservation] = await this.reserveMessages([{ message, options }])
    if (!reservation) throw new Error('the store was asked for one reservation and gave none')
    return reservation
  },

  /** Undoes a reservation whose answer was lost; how many there were: none may mean not yet. */
  async abandonReservation(id: string, tenantId: string, key: string | undefined): Promise<number> {
    const args = { wanted: id, tenant: tenantId, idempotency_key: key }
    return answers.count.parse(await call('abandon_reservation', args))
  },

  /** Ends an attempt and begins the next one at the message's fallback; its circumstances, or undefined: it was not begun. */
  async failOver(
    outcome: Outcome,
    { owner, leaseSeconds }: { owner: string; leaseSeconds: number },
  ): Promise<Circumstances | undefined> {
    const args = { proof: outcomeRow(outcome), owner, lease_seconds: leaseSeconds }
    return answers.failedOver.parse(await call('fail_over', args)) ?? undefined
  },

  async settleUnknown(id: string, tenantId: string | undefined, batch: Pick<Batch, 'events' | 'outcomes'>) {
    const { events, outcomes } = batchRows(batch)
    const args = { wanted: id, tenant: tenantId, told: events, outcome: outcomes[0] }
    return answers.settled.parse(await call('settle_unknown', args))
  },

  async cancelMessage(id: string, tenantId: string | undefined) {
    const args = { wanted: id, tenant: tenantId, as_of: null }
    return answers.cancelled.parse(await call('cancel_message', args))
  },

  async claimDue(options: Claim): Promise<Row[]> {
    return answers.rows.parse(
      await call('claim_due', {
        owner: options.owner,
        lease_seconds: options.leaseSeconds,
        repeat_seconds: options.repeatSeconds,
        at_most: options.limit,
        busy: options.busy ?? [],
        avoided: options.avoided ?? [],
        stand_ins: options.standIns ?? [],
        as_of: options.now,
      }),
    )
  },

  async endExpiredAttempts(
    now?: Date,
    providers: { repeaters: string[]; finders: string[] } = { repeaters: [], finders: [] },
  ): Promise<{ id: string; provider: string }[]> {
    return answers.expired.parse(await call('end_expired_attempts', { ...providers, as_of: now })).expired
  },

  async replayDeadLetter(id: string, tenantId: string | undefined, now?: Date) {
    return answers.revived.parse(
      await call('replay_dead_letter', {
        wanted: id,
        tenant: tenantId,
        as_of: now,
      }),
    )
  },
})
