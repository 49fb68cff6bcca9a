import { AppError, type Issue } from '#src/model/errors.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { personNumber } from '#src/model/number-plans.ts'
import type { Limited } from '#src/store/circumstances.ts'

/** Why nothing was kept: an hour's messages are used up, or these fields name people who have had as many as a day allows. */
export function overLimit(message: OutgoingMessage, limited: Limited | undefined): AppError {
  const [first, ...others] = fieldsOf(message, limited?.addresses ?? [])
  if (first === undefined)
    return new AppError(
      'send_limit',
      429,
      'sending: over the limit of an hour, in which each cc and bcc counts (wait, or raise SEND_LIMIT_HOUR)',
    )
  const text = 'has had as many today as the limit allows (wait, or raise SEND_LIMIT_RECIPIENT_DAY)'
  const issues = [first, ...others].map((path): Issue => ({ path, message: text }))
  return new AppError('send_limit', 429, `${first}: ${text}`, { details: { issues } })
}

/** The fields that name one of these addresses, which are in lower case. */
function fieldsOf(message: OutgoingMessage, addresses: readonly string[]): string[] {
  const { cc = [], bcc = [] } = message.channel === 'email' ? message : {}
  const named: [path: string, address: string][] = [
    ['to', message.to],
    ...cc.map((address, index): [string, string] => [`cc.${index}`, address]),
    ...bcc.map((address, index): [string, string] => [`bcc.${index}`, address]),
  ]
  return named
    .filter(([, address]) => addresses.includes(personNumber(keptAddress(address))))
    .map(([path]) => path)
}
