import { z } from 'zod'
import type { SendRequest } from './deliver.ts'
import { sendable } from './payload.ts'

/** One step of an escalation: what is sent when, unless somebody was reached. */
export interface EscalationStep {
  channel: SendRequest['message']['channel']
  /** From the acceptance of the step before. */
  afterSeconds: number
  unless: 'delivered' | 'read'
  request: StepRequest
}

/** What is kept of a step's request until it is sent. */
export type StepRequest = Omit<
  SendRequest,
  'requestId' | 'idempotency' | 'sendAt' | 'template' | 'escalation'
>

const kept = z.object({
  message: sendable,
  provider: z.string().optional(),
  leadId: z.string().optional(),
  parentType: z.string().optional(),
  parentId: z.string().optional(),
  metadata: z.json().optional(),
  expiresAt: z.coerce.date().optional(),
  language: z.enum(['fr', 'en']),
})

/** A step's request as it was kept. */
export function stepRequest(row: unknown): StepRequest {
  return kept.parse(row)
}
