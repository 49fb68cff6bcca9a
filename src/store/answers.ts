import { z } from 'zod'

// What each SQL function answers; store.ts says which.
export const row = z.record(z.string(), z.json())
export const rows = z.array(row)

export const version = z.object({ version: z.number().nullable(), functions: z.string().nullable() })

export const reserved = z.object({
  outcome: z.enum(['reserved', 'scheduled', 'repeat', 'conflict', 'limited']),
  message: row.optional(),
})

export const recorded = z.object({
  recorded: z.number(),
  repeated: z.number(),
  parked: z.number(),
  quarantined: z.number(),
  /** The facts that a message has for the first time. */
  stamped: z.array(z.object({ message_id: z.string(), facts: z.array(z.string()) })),
})

export const detailed = z.object({ message: row, events: rows, attempts: rows }).nullable()
export const counts = z.record(z.string(), z.number())

export const cancelled = z.object({
  outcome: z.enum(['cancelled', 'too_late', 'missing']),
  message: row.optional(),
})
export const revived = z.object({
  outcome: z.enum(['replayed', 'not_dead', 'missing']),
  message: row.optional(),
})

export const count = z.number()
export const settled = z.object({ outcome: z.enum(['settled', 'known', 'missing']), message: row.optional() })
export const matched = z.object({ matched: z.number() })
export const expired = z.object({ expired: z.array(z.object({ id: z.string(), provider: z.string() })) })
export const time = z
  .string()
  .nullable()
  .transform((at) => (at === null ? undefined : new Date(at)))

const keptItem = z.object({
  id: z.number(),
  provider: z.string(),
  event_id: z.string(),
  received_at: z.string(),
  request_id: z.string().nullable(),
  raw: z.json().nullable(),
  raw_text: z.string().nullable(),
})
const unreadItem = keptItem
  .omit({ raw: true, raw_text: true })
  .extend({ event_id: z.string().nullable(), bytes: z.string() })
export const keptItems = z.array(keptItem)
export const unreadItems = z.array(unreadItem)

export const rewritten = z.object({
  changed: z.array(z.object({ provider: z.string(), event_id: z.string(), before: row, after: row })),
  messages: z.number(),
})

export type Reservation = z.infer<typeof reserved>
export type Recorded = z.infer<typeof recorded>
export type KeptItem = z.infer<typeof keptItem>
export type UnreadItem = z.infer<typeof unreadItem>
export type Rewritten = z.infer<typeof rewritten>
