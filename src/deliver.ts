import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { accepted, answerOf, refused, type SendAnswer, waiting } from './answer.ts'
import { type Attempts, leaseSeconds } from './attempt.ts'
import { AppError } from './errors.ts'
import type { Channel, OutgoingMessage } from './message.ts'
import type { Phantoms } from './phantoms.ts'
import type { Language } from './preview.ts'
import type { Provider, SendableMessage } from './provider.ts'
import type { Providers } from './providers.ts'
import type { Reservation } from './store/answers.ts'
import type { Json } from './store/database.ts'
import type { NewMessage, Row } from './store/kept.ts'
import type { Store } from './store/store.ts'

/** A valid request to send, before it has an id. */
export interface SendRequest {
  message: SendableMessage
  provider?: string | undefined
  leadId?: string | undefined
  parentType?: string | undefined
  parentId?: string | undefined
  metadata?: Json | undefined
  sendAt?: Date | undefined
  expiresAt?: Date | undefined
  idempotency?: { key: string; requestHash: string } | undefined
  language: Language
  requestId: string
}

export type Deliver = ReturnType<typeof createDeliver>

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
  providers: Providers
  limits: { hour: number | undefined; recipientDay: number | undefined }
  owner: string
  now: () => Date
}) {
  const { store, phantoms, attempts, providers, limits, owner, now } = options
  return async function deliver(request: SendRequest): Promise<SendAnswer> {
    const provider = chosen(providers, request.message.channel, request.provider)
    const message = { ...request.message, id: randomUUID(), createdAt: now() }
    const limitations = provider.warnings?.(request.message) ?? []
    const wanted = newMessage(request, message, provider, limitations)
    const { idempotency } = request
    const reservation = await store
      .reserveMessage(wanted, { idempotency, limits, owner, leaseSeconds })
      .catch((error) => {
        phantoms.add(message.id, message.tenantId, idempotency?.key)
        throw error
      })
    const row = reservedRow(reservation)
    if (reservation.outcome === 'repeat') {
      const first = await settled(store, row, request.message.tenantId)
      // What the first request reserved was undone, its answer having been lost: this one is the first now.
      return first ? answerOf(first, request.language) : deliver(request)
    }
    if (reservation.outcome === 'scheduled')
      return waiting(message, provider.name, 'scheduled', request.sendAt, request.language, limitations)
    const ended = await attempts.run(provider, message, {
      number: 1,
      expiresAt: request.expiresAt,
      requestId: request.requestId,
    })
    const warnings = [...limitations, ...(ended.warnings ?? [])]
    if (ended.outcome === 'accepted')
      return accepted(message, provider.name, ended, request.language, warnings)
    if (ended.outcome === 'refused' || ended.outcome === 'exhausted')
      throw refused(message.id, provider.name, ended)
    const status = ended.outcome === 'unknown' ? 'unknown' : 'queued'
    return waiting(message, provider.name, status, ended.nextAttemptAt, request.language, warnings)
  }
}

function newMessage(
  request: SendRequest,
  message: OutgoingMessage,
  provider: Provider,
  warnings: string[],
): NewMessage {
  const { leadId, parentType, parentId, metadata, requestId, sendAt, expiresAt } = request
  const around = { leadId, parentType, parentId, metadata, requestId, sendAt, expiresAt }
  return { ...around, message, provider: provider.name, sender: senderOf(provider, message), warnings }
}

function chosen(providers: Providers, channel: Channel, name: string | undefined): Provider {
  const able = providers.entries.filter((entry) => entry.channels.includes(channel))
  const entry = able.find((candidate) => candidate.name === name)
  if (name !== undefined && !entry)
    throw new AppError('invalid_params', 400, `provider: none of that name sends by ${channel}`, {
      details: {
        issues: [{ path: 'provider', message: `must be one of ${able.map(({ name }) => name).join(', ')}` }],
      },
    })
  const provider = entry ? providers.on.get(entry.name) : providers.primary[channel]
  if (provider?.send && provider.channels.includes(channel)) return provider
  const remedy = (entry ? [entry] : able).map((off) => `${off.name}: ${off.sendsWith.join(', ')}`).join(' · ')
  throw new AppError('channel_not_configured', 503, `${channel}: no provider is on (set ${remedy})`, {
    details: { channel },
  })
}

function senderOf(provider: Provider, message: OutgoingMessage): string | undefined {
  return (message.channel === 'email' ? message.from : undefined) ?? provider.sender?.(message.channel)
}

function reservedRow(reservation: Reservation): Row {
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

/** The first request with this key may still be at it: its end is waited for, a while. */
async function settled(store: Store, row: Row, tenantId: string): Promise<Row | undefined> {
  const deadline = performance.now() + repeatWaitMs
  let current: Row | undefined = row
  while (current?.status === 'sending' && performance.now() < deadline) {
    await pause(100)
    current = (await store.getMessage(String(row.id), tenantId, false))?.message
  }
  return current
}
