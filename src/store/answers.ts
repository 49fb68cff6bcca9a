import { z } from 'zod'

// What each SQL function answers; store.ts says which.
export const row = z.record(z.string(), z.json())
export const rows = z.array(row)

export const version = z.object({ version: z.number().nullable(), functions: z.string().nullable() })

/** What may keep a message from being sent now. */
export const circumstances = z
  .object({
    suppressed: z.string().nullable(),
    heard_at: z.string().nullable(),
    stopped: z.string().nullable(),
  })
  .transform(({ suppressed, heard_at, stopped }) => ({
    /** Why its person is not to be written to. */
    suppressed: suppressed ?? undefined,
    /** When that person last wrote by WhatsApp through this provider. */
    heardAt: heard_at === null ? undefined : new Date(heard_at),
    /** Why its provider takes nothing: its own word. */
    stopped: stopped ?? undefined,
  }))

export const reserved = z.object({
  outcome: z.enum(['reserved', 'scheduled', 'repeat', 'conflict', 'limited', 'cancelled']),
  message: row.optional(),
  circumstances: circumstances.optional(),
})

export const reservedAll = z.array(reserved)
export const failedOver = circumstances.nullable()

export const recorded = z.object({
  recorded: z.number(),
  repeated: z.number(),
  parked: z.number(),
  quarantined: z.number(),
  /** The facts that a message has for the first time; which provider took it back, and which one has it to send now. */
  stamped: z.array(
    z.object({
      message_id: z.string(),
      facts: z.array(z.string()),
      handed_on: z.object({ from: z.string(), to: z.string() }).optional(),
    }),
  ),
  /** The providers that say something else of themselves now. */
  states: z
    .array(z.object({ provider: z.string(), state: z.string(), open: z.boolean(), was_open: z.boolean() }))
    .optional(),
})

export const detailed = z
  .object({ message: row, events: rows, attempts: rows, escalation: row.nullable() })
  .nullable()
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
export const yes = z.boolean()
export const settled = z.object({ outcome: z.enum(['settled', 'known', 'missing']), message: row.optional() })
export const matched = z.object({ matched: z.number() })
export const expired = z.object({ expired: z.array(z.object({ id: z.string(), provider: z.string() })) })
export const time = z
  .string()
  .nullable()
  .transform((at) => (at === null ? undefined : new Date(at)))

const job = z.object({
  id: z.number(),
  kind: z.string(),
  payload: row,
  tries: z.number(),
  request_id: z.string().nullable(),
  created_at: z.coerce.date(),
  /** With its `payload`, as claim_due gives it. */
  message: row,
})
export const jobs = z.array(job)
export const revivedJob = z.object({ outcome: z.enum(['replayed', 'not_dead', 'missing']) })
const buttons = z.array(z.object({ id: z.string(), title: z.string() })).catch([])
export const meant = z
  .object({
    occurred_at: z.coerce.date().nullable(),
    consent: z.enum(['withdrawn', 'given']).nullable(),
    appointment: row.nullable(),
  })
  .transform((meant) => ({ ...meant, buttons: buttons.parse(meant.appointment?.buttons) }))
  .nullable()

const step = z.object({ escalation_id: z.uuid(), number: z.number() })
const dueStep = step.extend({ reason: z.string().nullable(), message: row })
const claimedStep = step.extend({ request: z.json() })
export const dueSteps = z.array(dueStep)
export const claimedSteps = z.array(claimedStep)
export type DueStep = z.infer<typeof dueStep>
export type ClaimedStep = z.infer<typeof claimedStep>

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

const template = z.object({
  id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  type: z.string(),
  message_text: z.string(),
  variables: z.array(z.string()),
  buttons: z.array(z.object({ id: z.string(), title: z.string() })),
  content_sid: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
})
export const knownTemplate = template.nullable()
export const templates = z.array(template)
export const templateCreated = z.object({
  outcome: z.enum(['created', 'name_taken']),
  template: template.optional(),
})
export const templateChanged = z.object({
  outcome: z.enum(['changed', 'stale', 'name_taken', 'missing']),
  template: template.optional(),
})

export type TemplateRow = z.infer<typeof template>
export type Job = z.infer<typeof job>
export type Circumstances = z.infer<typeof circumstances>
export type Reservation = z.infer<typeof reserved>
export type Recorded = z.infer<typeof recorded>
export type KeptItem = z.infer<typeof keptItem>
export type UnreadItem = z.infer<typeof unreadItem>
export type Rewritten = z.infer<typeof rewritten>
