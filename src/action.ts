import type { Access } from './access.ts'
import type { Deliver } from './deliver.ts'
import type { Language } from './preview.ts'
import type { Store } from './store/store.ts'

/** What an action may use of the house. */
export interface ActionTools {
  store: Store
  deliver: Deliver
  /** The country that a national phone number means. */
  country: string
  now: () => Date
}

/** Who asks, in which request. */
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
