import { escalationView } from '#src/api/view.ts'
import { AppError } from '#src/model/errors.ts'
import { ownReason } from '#src/model/own-reason.ts'
import { type Following, wordOnFollowing } from './following.ts'
import type { Standing } from './standing.ts'

/** What we refuse ourselves, by its code, with the field that it is about. */
const fields = new Map([
  ['expired', 'expiresAt'],
  ['suppressed', 'to'],
  ['outside_whatsapp_window', 'body'],
])

/** A message that is refused for good, as its caller is told. */
export function refused(standing: Standing, following: Following | undefined): AppError {
  const { messageId, provider, code: endedBy = '', reason = 'no reason given', warnings } = standing
  const field = fields.get(endedBy)
  const text = reason.startsWith(`${provider}: `) ? reason : `${field ?? provider}: ${reason}`
  const message = following ? `${text}${wordOnFollowing(following)}` : text
  return new AppError(field === undefined ? 'provider_rejected' : endedBy, 422, message, {
    details: {
      messageId,
      provider,
      providerCode: endedBy === '' || ownReason(endedBy) ? null : endedBy,
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(following && following !== 'unknown' ? { escalation: escalationView(following) } : {}),
    },
  })
}
