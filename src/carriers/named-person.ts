import type { Provider } from '#src/contract/provider.ts'
import { AppError } from '#src/model/errors.ts'
import type { SendableMessage } from '#src/model/message.ts'
import { whatsAppName } from '#src/model/whatsapp-name.ts'
import type { Providers } from './providers.ts'

/** Whether a message goes to a name that WhatsApp has for a person, instead of a number. */
export function goesByName({ channel, to }: SendableMessage): boolean {
  return channel === 'whatsapp' && whatsAppName(to) !== undefined
}

/**
 * The only provider that knows a person by such a name: each has names of its own, so nobody takes over. Throws AppError
 * where it is not on, or where `named`, the provider that the caller chose, is another one.
 */
export function byName(
  { entries, on }: Providers,
  { to }: SendableMessage,
  named: string | undefined,
): Provider {
  const able = entries
    .flatMap(({ name }) => on.get(name) ?? [])
    .filter(({ send, channels, reaches }) => send && channels.includes('whatsapp') && reaches?.(to))
  const provider = able.find(({ name }) => named === undefined || name === named)
  if (provider) return provider
  const message = 'is a name that no provider here reaches (give the phone number)'
  const other = `is a name that only ${able.map(({ name }) => name).join(', ')} reaches (leave out provider)`
  const issue = { path: 'to', message: able.length === 0 ? message : other }
  throw new AppError('invalid_params', 400, `to: ${issue.message}`, { details: { issues: [issue] } })
}
