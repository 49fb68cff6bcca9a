import { asJson, type Written } from '#src/model/json.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import { personNumber } from '#src/model/number-plans.ts'
import type { NewMessage } from './kept.ts'

/** A message as reserve_messages takes it. */
export function messageRow(newMessage: NewMessage): Written {
  const { message } = newMessage
  return {
    id: message.id,
    tenant_id: message.tenantId,
    channel: message.channel,
    provider: newMessage.provider,
    fallback: newMessage.fallback,
    recipient: message.channel === 'email' ? message.to.toLowerCase() : personNumber(message.to),
    sender: newMessage.sender && personNumber(newMessage.sender),
    lead_id: newMessage.leadId,
    parent_type: newMessage.parentType,
    parent_id: newMessage.parentId,
    subject: message.channel === 'email' ? message.subject : undefined,
    text: message.channel === 'email' ? message.text : message.body,
    metadata: newMessage.metadata,
    template_id: newMessage.template?.id,
    template_type: newMessage.template?.type,
    warnings: newMessage.warnings,
    traced: newMessage.traced,
    escalation: newMessage.escalation && escalationRow(newMessage.escalation),
    request_id: newMessage.requestId,
    tracking: message.channel === 'email' ? trackingOf(message.tracking) : undefined,
    payload: asJson(message),
    send_at: newMessage.sendAt?.toISOString(),
    expires_at: newMessage.expiresAt?.toISOString(),
    urgency: newMessage.urgency,
    waits_seconds: newMessage.waitsMs === undefined ? undefined : newMessage.waitsMs / 1_000,
  }
}

/** Nothing where nothing is to be tracked: as of a mail that says nothing of it. */
function trackingOf(tracking: OutgoingEmail['tracking']): Written | undefined {
  const { opens, clicks } = tracking
  return opens || clicks ? asJson(tracking) : undefined
}

function escalationRow(escalation: NonNullable<NewMessage['escalation']>): Written {
  if ('id' in escalation) return { ...escalation }
  const steps = escalation.steps.map(({ afterSeconds, ...step }) => ({
    ...step,
    after_seconds: afterSeconds,
  }))
  return asJson({ steps })
}
