import type { Pace } from './pace.ts'

/** One WhatsApp account at Green-API, and how it is asked. */
export interface Instance {
  instanceId: string
  token: string
  apiUrl: string
  now: () => Date
  timeoutMs?: number | undefined
  /** Undefined: each is sent at once. */
  pace?: Pace | undefined
}
