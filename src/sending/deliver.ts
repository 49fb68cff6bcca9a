import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ways } from '#src/carriers/ways.ts'
import { senderOf } from '#src/contract/provider.ts'
import { AppError } from '#src/model/errors.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import type { SendRequest } from '#src/model/send-request.ts'
import { together } from '#src/runtime/together.ts'
import type { Reservation } from '#src/store/calls/sends.ts'
import { StoreError } from '#src/store/database.ts'
import type { NewMessage, ReservationOptions } from '#src/store/kept.ts'
import type { ShownEscalation, ShownMessage } from '#src/store/shown.ts'
import type { Store } from '#src/store/store.ts'
import { accepted, answerOf, type SendAnswer, waiting } from './answer.ts'
import { type Attempts, leaseSeconds } from './attempt.ts'
import { afterRefusal } from './following.ts'
import type { Phantoms } from './phantoms.ts'
import { refused } from './refused.ts'
export type Deliver = ReturnType<typeof createDeliver>

/** Reserved by one call: some hundred messages without attachments. */
const mostCharactersTogether = 500_000
/** How long a repeat waits for the first request with its key. */
const repeatWaitMs = 10_000

/**
 * One send, from a valid request to its answer: reserved and committed, then attempted, the outcome recorded. Throws
 * AppError where it is refused (409, 422, 429, 503).
 */
export function createDeliver(options: {
  store: Store
  phantoms: Phantoms
  attempts: Attempts
  ways: Ways
  limits: { hour: number | undefined; recipientDay: number | undefined }
  /** Whether the CRM is to show what is sent. */
  traced: boolean
  owner: string
  now: () => Date
}) {
  const { store, phantoms, attempts, ways, limits, traced, owner, now } = options
  const reserve = together({
    call: (wanted: { message: NewMessage; options: ReservationOptions }[]) => store.reserveMessages(wanted),
    // Only such a call surely did nothing.
    alone: (error) => error instanceof StoreError && error.badValue,
    weight: ({ message }) => charactersOf(message.message),
    mostWeight: mostCharactersTogether,
  })
  return async function deliver(request: SendRequest): Promise<SendAnswer> {
    const { provider, fallback, insteadOf } = ways.choose(request)
    const message = { ...request.message, id: randomUUID(), createdAt: now() }
    const limitations = provider.warnings?.(request.message) ?? []
    const warnings = [...limitations, ...(insteadOf ? [`failed_over_from_${insteadOf.provider.name}`] : [])]
    const sender = senderOf(provider, message)
    const wanted = newMessage(request, {
      message,
      provider: provider.name,
      sender,
      fallback: fallback?.name,
      warnings,
      traced,
    })
    const { idempotency } = request
    const reserving = { idempotency, limits, owner, leaseSeconds }
    const reservation = await reserve({ message: wanted, options: reserving }).catch((error) => {
      phantoms.add(message.id, message.tenantId, idempotency?.key)
      throw error
    })
    const row = reservedRow(reservation)
    if (reservation.outcome === 'repeat') {
      const first = await settled(store, row, request.message.tenantId)
      // What the first request reserved was undone, its answer having been lost: this one is the first now.
      return first ? answerOf(first, request.language, await escalationOf(store, first)) : deliver(request)
    }
    if (reservation.outcome === 'scheduled')
      return waiting(message, provider.name, 'scheduled', request.sendAt, request.language, limitations)
    const ended = await attempts.run(provider, message, {
      number: 1,
      fallback: insteadOf ? undefined : fallback,
      insteadOf,
      circumstances: reservation.circumstances,
      expiresAt: request.expiresAt,
      requestId: request.requestId,
    })
    const said = [...new Set([...limitations, ...(ended.warnings ?? [])])]
    if (ended.outcome === 'accepted') return accepted(message, ended.provider, ended, request.language, said)
    if (ended.outcome === 'refused' || ended.outcome === 'exhausted') {
      const { escalation } = request
      const steps = escalation && 'steps' in escalation ? escalation.steps : undefined
      const after = steps && afterRefusal(message.id, steps, ended.code === 'expired', now())
      throw refused(message.id, ended.provider, { ...ended, warnings: said }, after)
    }
    const status = ended.outcome === 'unknown' ? 'unknown' : 'queued'
    return waiting(message, ended.provider, status, ended.nextAttemptAt, request.language, said)
  }
}

/** About how long a message is as JSON. */
function charactersOf(message: OutgoingMessage): number {
  const around = 1_000
  if (message.channel !== 'email') return around + message.body.length
  const { html = '', text = '', attachments = [] } = message
  return (
    around + html.length + text.length + attachments.reduce((sum, { content }) => sum + content.length, 0)
  )
}

function newMessage(
  request: SendRequest,
  own: Pick<NewMessage, 'message' | 'provider' | 'fallback' | 'sender' | 'warnings' | 'traced'>,
): NewMessage {
  const { leadId, parentType, parentId, metadata, template, escalation } = request
  const { requestId, sendAt, expiresAt } = request
  const around = {
    leadId,
    parentType,
    parentId,
    metadata,
    template,
    escalation,
    requestId,
    sendAt,
    expiresAt,
  }
  return { ...around, ...own }
}

function reservedRow(reservation: Reservation): ShownMessage {
  if (reservation.outcome === 'cancelled')
    throw new AppError('escalation_over', 409, 'escalation: this step is not wanted any more')
  if (reservation.outcome === 'conflict')
    throw new AppError(
      'idempotency_conflict',
      409,
      'idempotencyKey: used before for another request (choose a new key, or repeat the same request)',
    )
  if (reservation.outcome === 'limited')
    throw new AppError(
      'send_limit',
      429,
      'sending: over the limit (wait, or raise SEND_LIMIT_HOUR or SEND_LIMIT_RECIPIENT_DAY)',
    )
  if (!reservation.message) throw new Error('the store reserved a message and did not say which')
  return reservation.message
}

/** What follows a message, where something does. */
async function escalationOf(
  store: Store,
  { id, escalation_id }: ShownMessage,
): Promise<ShownEscalation | undefined> {
  if (escalation_id === null) return undefined
  return (await store.getMessage(id, undefined, false))?.escalation ?? undefined
}

/** The first request with this key may still be at it: its end is waited for, a while. */
async function settled(store: Store, row: ShownMessage, tenantId: string): Promise<ShownMessage | undefined> {
  const deadline = performance.now() + repeatWaitMs
  let current: ShownMessage | undefined = row
  while (current?.status === 'sending' && performance.now() < deadline) {
    await pause(100)
    current = (await store.getMessage(row.id, tenantId, false))?.message
  }
  return current
}
