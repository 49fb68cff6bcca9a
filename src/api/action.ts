import type { Language } from '#src/model/language.ts'
import type { Access } from './access.ts'

/** The caller that asks, in which request. */
export interface Asking {
  access: Access
  requestId: string
  language: Language
  /** The Idempotency-Key header, where there was one. */
  idempotencyKey: string | undefined
}

export interface ActionAnswer {
  status: number
  body: Record<string, unknown>
}

/** One thing that may be asked. Throws AppError where it is refused; `params` is what the caller sent, unchecked. */
export type Action = (params: unknown, asking: Asking) => Promise<ActionAnswer>
