import { escalationView } from '#src/api/view.ts'
import type { Language } from '#src/model/language.ts'
import { preview } from '#src/model/preview.ts'
import type { Following } from './following.ts'
import { refused } from './refused.ts'
import { isRefused, type Standing } from './standing.ts'

/** What a send answers: 200 accepted by the provider, 202 not yet or not surely. */
export interface SendAnswer {
  status: 200 | 202
  body: {
    success: true
    provider: string
    /** The provider's id; null until it has accepted. */
    entityId: string | null
    messageId: string
    status: string
    preview: string
    warnings: string[]
    nextAttemptAt?: string
    /** What follows it, where it was asked for with `escalate`. */
    escalation?: Record<string, unknown>
  }
}

/** Where we hold a message ourselves; else it is with its provider, or waits for it. */
const ownStates = ['scheduled', 'unknown', 'cancelled'] as const

/**
 * The answer of a send, the first as that of a repeat, with what follows it. Throws AppError where the message was refused.
 */
export function answerOf(standing: Standing, language: Language, following?: Following): SendAnswer {
  if (isRefused(standing)) throw refused(standing, following)
  const { provider, entityId, messageId, status, channel, to, subject, warnings, nextAttemptAt } = standing
  const state = ownStates.find((own) => own === status) ?? (entityId === null ? 'queued' : 'sent')
  return {
    status: entityId === null ? 202 : 200,
    body: {
      success: true,
      provider,
      entityId,
      messageId,
      status,
      preview: preview({ channel, to, subject }, state, language),
      warnings,
      ...(nextAttemptAt ? { nextAttemptAt: nextAttemptAt.toISOString() } : {}),
      ...(following && following !== 'unknown' ? { escalation: escalationView(following) } : {}),
    },
  }
}
