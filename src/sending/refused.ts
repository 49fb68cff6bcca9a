import { escalationView } from '#src/api/view.ts'
import { AppError } from '#src/model/errors.ts'
import { ownReason } from '#src/model/own-reason.ts'
import type { ShownEscalation } from '#src/store/shown.ts'
import { wordOnFollowing } from './following.ts'

/** What we refuse ourselves, by its code, with the field that it is about. */
const ownRefusals = new Map([
  ['expired', 'expiresAt'],
  ['suppressed', 'to'],
  ['outside_whatsapp_window', 'body'],
])

/** A message that is refused for good, as its caller is told; `escalation` is what follows it. */
export function refused(
  messageId: string,
  provider: string,
  ended: { code?: string | undefined; reason?: string | undefined; warnings?: string[] | undefined },
  escalation?: ShownEscalation,
): AppError {
  const { code: endedBy = '', reason = 'no reason given', warnings = [] } = ended
  const field = ownRefusals.get(endedBy)
  const said = reason.startsWith(`${provider}: `) ? reason : `${field ?? provider}: ${reason}`
  const message = escalation ? `${said}${wordOnFollowing(escalation)}` : said
  return new AppError(field === undefined ? 'provider_rejected' : endedBy, 422, message, {
    details: {
      messageId,
      provider,
      providerCode: endedBy === '' || ownReason(endedBy) ? null : endedBy,
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(escalation ? { escalation: escalationView(escalation) } : {}),
    },
  })
}
