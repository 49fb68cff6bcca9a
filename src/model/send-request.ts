import { z } from 'zod'
import { languages } from './language.ts'
import { channels, sendableMessage } from './message.ts'

/** What is asked besides the message itself, and kept with a step of an escalation until that is sent. */
export const stepRequest = z.object({
  message: sendableMessage,
  provider: z.string().optional(),
  leadId: z.string().optional(),
  parentType: z.string().optional(),
  parentId: z.string().optional(),
  metadata: z.json().optional(),
  expiresAt: z.coerce.date().optional(),
  language: z.enum(languages),
})

/** One step of an escalation: what is sent when, unless somebody was reached. */
const escalationStep = z.object({
  channel: z.enum(channels),
  /** From the acceptance of the step before. */
  afterSeconds: z.number(),
  unless: z.enum(['delivered', 'read']),
  request: stepRequest,
})

export type EscalationStep = z.infer<typeof escalationStep>
export type StepRequest = z.infer<typeof stepRequest>

/** What follows a message unless its person is reached; or which step of such it is. */
export type Escalation = { steps: EscalationStep[] } | { id: string; step: number }

/** A valid request to send, before it has an id. */
export interface SendRequest extends StepRequest {
  /** The template that the message was made from. */
  template?: { id: string; type: string } | undefined
  sendAt?: Date | undefined
  idempotency?: { key: string; requestHash: string } | undefined
  escalation?: Escalation | undefined
  requestId: string
}

/** What of a request is kept with a step, and read back: what the schema has. Throws ZodError where it is none. */
export function keptRequest(request: unknown): StepRequest {
  return stepRequest.parse(request)
}
