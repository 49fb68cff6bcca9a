import type { Json } from '#src/model/json.ts'

type Row = { [column: string]: Json }

const none = null
const instant = '2026-01-01T00:00:00+00:00'

/** A message's row as SQL gives it, with all its columns: what a stand-in for the database answers. */
export function messageRow(own: Row = {}): Row {
  return {
    id: 'm1',
    tenant_id: 't1',
    channel: 'email',
    direction: 'outbound',
    provider: 'resend',
    provider_message_id: none,
    recipient: 'anna@example.com',
    sender: none,
    lead_id: none,
    parent_type: none,
    parent_id: none,
    subject: none,
    text: none,
    button_payload: none,
    media: none,
    replied_to: none,
    metadata: none,
    warnings: [],
    template_id: none,
    template_type: none,
    fallback: none,
    escalation_id: none,
    request_id: none,
    attempts: 1,
    attempts_before: 0,
    status: 'sending',
    send_at: none,
    expires_at: none,
    expires_by_default: false,
    next_attempt_at: none,
    check_at: none,
    created_at: instant,
    updated_at: instant,
    queued_at: none,
    sent_at: none,
    deferred_at: none,
    delivered_at: none,
    opened_at: none,
    read_at: none,
    clicked_at: none,
    bounced_at: none,
    rejected_at: none,
    failed_at: none,
    complained_at: none,
    machine_opened_at: none,
    machine_clicked_at: none,
    appointment_at: none,
    error_code: none,
    error_message: none,
    bounce_class: none,
    payload: none,
    ...own,
  }
}
