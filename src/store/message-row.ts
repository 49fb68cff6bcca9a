import type { Json } from '#src/model/json.ts'
import type { NewMessage } from './kept.ts'

/** A message as reserve_message takes it. */
export function messageRow(wanted: NewMessage): Json {
  const { message } = wanted
  return {
    id: message.id,
    tenant_id: message.tenantId,
    channel: message.channel,
    provider: wanted.provider,
    fallback: wanted.fallback,
    recipient: message.channel === 'email' ? message.to.toLowerCase() : message.to,
    sender: wanted.sender,
    lead_id: wanted.leadId,
    parent_type: wanted.parentType,
    parent_id: wanted.parentId,
    subject: message.channel === 'email' ? message.subject : undefined,
    text: message.channel === 'email' ? (message.text ?? message.html) : message.body,
    metadata: wanted.metadata,
    template_id: wanted.template?.id,
    template_type: wanted.template?.type,
    warnings: wanted.warnings,
    traced: wanted.traced,
    escalation: wanted.escalation && escalationRow(wanted.escalation),
    request_id: wanted.requestId,
    payload: JSON.parse(JSON.stringify(message)),
    send_at: wanted.sendAt?.toISOString(),
    expires_at: wanted.expiresAt?.toISOString(),
  }
}

function escalationRow(escalation: NonNullable<NewMessage['escalation']>): Json {
  if ('id' in escalation) return { ...escalation }
  const steps = escalation.steps.map(({ afterSeconds, ...step }) => ({
    ...step,
    after_seconds: afterSeconds,
  }))
  return JSON.parse(JSON.stringify({ steps }))
}
