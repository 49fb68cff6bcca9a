import { randomUUID } from 'node:crypto'
import { invalid } from '#src/api/params.ts'
import type { Ways } from '#src/carriers/ways.ts'
import { senderOf } from '#src/contract/provider.ts'
import type { Tracking } from '#src/email/tracking.ts'
import { AppError } from '#src/model/errors.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import type { SendRequest } from '#src/model/send-request.ts'
import { failedOverFrom, type Warning } from '#src/model/warnings.ts'
import { attemptLeaseMs, repeatWaitMs } from '#src/patience.ts'
import { together } from '#src/runtime/together.ts'
import type { Reservation } from '#src/store/calls/sends.ts'
import { StoreError } from '#src/store/database.ts'
import type { NewMessage, ReservationOptions } from '#src/store/kept.ts'
import type { Store } from '#src/store/store.ts'
import { answerOf, type SendAnswer } from './answer.ts'
import type { Attempts } from './attempt.ts'
import { attempted } from './attempted.ts'
import { followingOf } from './following.ts'
import { overLimit } from './over-limit.ts'
import type { Phantoms } from './phantoms.ts'
import { type Standing, standingFor, standingOf, statusAfter } from './standing.ts'
import { type Ages, endOf, purposeOf, urgencies } from './waits.ts'

export type Deliver = ReturnType<typeof createDeliver>

/** Reserved by one call: some hundred messages without attachments. */
const mostBytesTogether = 500_000

/**
 * One send, from a valid request to its answer: reserved and committed, then attempted, the outcome recorded. Throws
 * AppError where it is refused (400, 409, 422, 429, 503).
 */
export function createDeliver(options: {
  store: Store
  phantoms: Phantoms
  attempts: Attempts
  ways: Ways
  tracking: Tracking
  limits: { hour: number | undefined; recipientDay: number | undefined }
  /** What says how long a message may wait whose caller does not. */
  waits: { ages: Ages; appointmentTypes: readonly string[] }
  /** Gives a mail the link by which its person ends the mails, where that was asked for. */
  linkUnsubscribe: (message: OutgoingMessage) => { message: OutgoingMessage; warnings: Warning[] }
  /** Whether the CRM is to show what is sent. */
  traced: boolean
  owner: string
  now: () => Date
}) {
  const { store, phantoms, attempts, ways, tracking, limits, waits, linkUnsubscribe, traced, owner, now } =
    options
  const reserve = together({
    call: (wanted: { message: NewMessage; options: ReservationOptions }[]) => store.reserveMessages(wanted),
    // Only such a call surely did nothing.
    alone: (error) => error instanceof StoreError && error.badValue,
    weight: ({ message }) => bytesOf(message.message),
    mostWeight: mostBytesTogether,
  })
  return async function deliver(request: SendRequest): Promise<SendAnswer> {
    const { provider, fallback, insteadOf } = ways.choose(request)
    const linked = linkUnsubscribe({ ...request.message, id: randomUUID(), createdAt: now() })
    const message = tracking.decided(provider, linked.message)
    // A step of an escalation goes out all the same: nobody is there to be told.
    const asked = !(request.escalation && 'step' in request.escalation)
    if (asked && tracking.lacksSecret(provider, request.message)) throw noTracking(provider.name)
    const limitations = [
      ...(provider.warnings?.(request.message) ?? []),
      ...tracking.warnings(provider, request.message),
      ...linked.warnings,
    ]
    const warnings = [...limitations, ...(insteadOf ? [failedOverFrom(insteadOf.provider.name)] : [])]
    const { idempotency, language, ...rest } = request
    const purpose = purposeOf(request, waits.appointmentTypes)
    const newMessage: NewMessage = {
      ...rest,
      message,
      provider: provider.name,
      fallback: fallback?.name,
      sender: senderOf(provider, message),
      warnings,
      waitsMs: waits.ages[purpose],
      urgency: urgencies[purpose],
      traced,
    }
    const reserving = { idempotency, limits, owner, leaseSeconds: attemptLeaseMs / 1_000 }
    const reservation = await reserve({ message: newMessage, options: reserving }).catch((error) => {
      phantoms.add(message.id, message.tenantId, idempotency?.key)
      throw error
    })
    refuseUnreserved(reservation, message)
    const answer = async (standing: Standing, escalated: boolean) =>
      answerOf(standing, language, escalated ? await followingOf(store, standing.messageId) : undefined)
    const escalated = request.escalation !== undefined && 'steps' in request.escalation
    if (reservation.message) {
      const row = reservation.message
      // The first request with this key may still be at it.
      const first = row.status === 'sending' ? (await attempted(store, row.id, repeatWaitMs))?.message : row
      // The first request's answer was lost, and what it reserved was undone: this one is the first now.
      return first ? answer(standingOf(first), first.escalation_id !== null) : deliver(request)
    }
    if (reservation.outcome === 'scheduled') {
      const waits = { status: 'scheduled', nextAttemptAt: request.sendAt, warnings: limitations }
      return answer(standingFor(message, { ...waits, provider: provider.name }), escalated)
    }
    const ended = await attempts.run(provider, message, {
      number: 1,
      fallback: insteadOf ? undefined : fallback,
      insteadOf,
      paced: !fallback && !insteadOf,
      circumstances: reservation.circumstances,
      expiresAt: endOf(reservation.expires_in_seconds, now()),
      expiresByDefault: request.expiresAt === undefined,
      requestId: request.requestId,
    })
    const said = [...new Set([...limitations, ...(ended.warnings ?? [])])]
    const standing = standingFor(message, { ...ended, status: statusAfter(ended), warnings: said })
    return answer(standing, escalated)
  }
}

function noTracking(provider: string): AppError {
  const message = `${provider} tells nothing of opens and clicks by itself, and TRACKING_SECRET is not set (set it, or leave tracking out)`
  return invalid([{ path: 'tracking', message }])
}

/** About how many bytes a message has as JSON. */
function bytesOf(message: OutgoingMessage): number {
  const around = 1_000
  if (message.channel !== 'email') return around + Buffer.byteLength(message.body)
  const { html = '', text = '', attachments = [] } = message
  const attached = attachments.reduce((sum, { content }) => sum + content.length, 0)
  return around + Buffer.byteLength(html) + Buffer.byteLength(text) + attached
}

function refuseUnreserved(reservation: Reservation, message: OutgoingMessage): void {
  if (reservation.outcome === 'cancelled')
    throw new AppError('escalation_over', 409, 'escalation: this step is not wanted any more')
  if (reservation.outcome === 'conflict')
    throw new AppError(
      'idempotency_conflict',
      409,
      'idempotencyKey: used before for another request (choose a new key, or repeat the same request)',
    )
  if (reservation.outcome === 'limited') throw overLimit(message, reservation.limited)
}
