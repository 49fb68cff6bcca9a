import { z } from 'zod'
import { asItCame } from './columns.ts'
import type { EventColumn } from './rows.ts'

const text = z.string()
const orNull = z.string().nullable()

/** What a row that is shown may hold: nothing here becomes anything else. */
type Column =
  | z.ZodString
  | z.ZodNumber
  | z.ZodBoolean
  | z.ZodNullable<z.ZodString>
  | z.ZodArray<z.ZodString>
  | z.ZodUnknown
  | z.ZodOptional<z.ZodUnknown | z.ZodNullable<z.ZodString>>

/**
 * A row that is shown as it came: in the database's order, with the columns too that only a newer server knows, on the
 * same database during a roll-out. Its words are texts for the same reason: a status of a newer server is shown as it is.
 */
function shownRow<Columns extends Readonly<Record<string, Column>>>(columns: Columns) {
  return asItCame(z.object(columns))
}

const shownColumns = {
  text: orNull,
  id: text,
  tenant_id: orNull,
  channel: text,
  direction: text,
  provider: text,
  provider_message_id: orNull,
  recipient: text,
  sender: orNull,
  lead_id: orNull,
  parent_type: orNull,
  parent_id: orNull,
  subject: orNull,
  button_payload: orNull,
  media: z.unknown(),
  replied_to: orNull,
  via: orNull.optional(),
  metadata: z.unknown(),
  /** Absent while an older function answers. */
  tracking: z.unknown().optional(),
  warnings: z.array(text),
  template_id: orNull,
  template_type: orNull,
  fallback: orNull,
  escalation_id: orNull,
  request_id: orNull,
  attempts: z.number(),
  status: text,
  send_at: orNull,
  expires_at: orNull,
  expires_by_default: z.boolean(),
  next_attempt_at: orNull,
  check_at: orNull,
  created_at: text,
  updated_at: text,
  queued_at: orNull,
  sent_at: orNull,
  deferred_at: orNull,
  delivered_at: orNull,
  opened_at: orNull,
  read_at: orNull,
  clicked_at: orNull,
  bounced_at: orNull,
  rejected_at: orNull,
  failed_at: orNull,
  complained_at: orNull,
  machine_opened_at: orNull,
  machine_clicked_at: orNull,
  error_code: orNull,
  error_message: orNull,
  bounce_class: orNull,
  appointment_at: orNull,
}
/** A message; a list shows no text of an email, which may be a long one. */
export const shownMessage = shownRow(shownColumns)
export type ShownMessage = z.infer<typeof shownMessage>

/** All that is kept of an event, and what it has from its message; what a person wrote is in that. */
type ShownEventColumn = Exclude<EventColumn, 'guess' | 'inbound'> | 'id' | 'tenant_id' | 'lead_id' | 'guessed'

export const shownEvent = shownRow({
  id: z.number(),
  provider: text,
  event_id: text,
  type: text,
  provider_type: text,
  channel: orNull,
  provider_message_id: orNull,
  message_id: orNull,
  tenant_id: orNull,
  lead_id: orNull,
  recipient: orNull,
  reason: orNull,
  code: orNull,
  bounce_class: orNull,
  url: orNull,
  machine: z.boolean(),
  source: text,
  guessed: z.boolean(),
  occurred_at: text,
  received_at: text,
  request_id: orNull,
  consent: orNull,
  alias: orNull,
  alias_of: orNull,
  provider_state: z.unknown(),
  via: orNull.optional(),
  raw: z.unknown().optional(),
  raw_text: orNull.optional(),
} satisfies Record<ShownEventColumn, Column>)

export const shownAttempt = shownRow({
  number: z.number(),
  provider: text,
  owner: text,
  lease_until: text,
  begun_at: text,
  ended_at: orNull,
  outcome: orNull,
  settled_as: orNull.optional(),
  provider_message_id: orNull,
  error_code: orNull,
  error_message: orNull,
})

const shownStep = shownRow({
  number: z.number(),
  channel: text,
  unless: text,
  after_seconds: z.number(),
  state: text,
  reason: orNull,
  due_at: orNull,
  message_id: orNull,
})

/**
 * What a message's escalation has come to: its steps, by which message its person was reached (null: not yet), and what stopped
 * it (null: nothing).
 */
export const shownEscalation = z.object({
  id: text,
  reached_by: shownRow({ message_id: text, channel: text, provider: text, at: text }).nullable(),
  stopped: orNull,
  steps: z.array(shownStep),
})
export type ShownEscalation = z.infer<typeof shownEscalation>

export const shownQuarantined = shownRow({
  id: z.number(),
  provider: text,
  event_id: orNull,
  reason: text,
  bytes: text,
  request_id: orNull,
  received_at: text,
  replayed_at: orNull,
})

/** A job that was given up. */
export const deadJob = shownRow({
  id: z.number(),
  kind: text,
  lane: text,
  message_id: text,
  tries: z.number(),
  dead_at: text,
  error_code: orNull,
  error_message: orNull,
  created_at: text,
})
