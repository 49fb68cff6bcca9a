import type { OutgoingMessage } from '#src/model/message.ts'
import type { Warning } from '#src/model/warnings.ts'
import type { Circumstances } from '#src/store/circumstances.ts'
import type { AttemptEnd } from './attempt-end.ts'

/** A message without its copies to people who are not to be written to, and what its caller is told of that. */
export interface LeftOut {
  message: OutgoingMessage
  warnings: Warning[]
}

/** What is handed to a provider in these circumstances. */
export function withoutSuppressed(
  message: OutgoingMessage,
  circumstances: Circumstances | undefined,
): LeftOut {
  const { suppressedCopies: suppressed = [] } = circumstances ?? {}
  if (message.channel !== 'email' || suppressed.length === 0) return { message, warnings: [] }
  const wanted = (addresses: string[] | undefined) => {
    const left = addresses?.filter((address) => !suppressed.includes(address.toLowerCase()))
    return left?.length ? left : undefined
  }
  return {
    message: { ...message, cc: wanted(message.cc), bcc: wanted(message.bcc) },
    warnings: ['copies_suppressed'],
  }
}

/** An attempt that went out, or may have, says what was left out. */
export function telling(end: AttemptEnd, { warnings }: LeftOut): AttemptEnd {
  const { ended } = end
  const wentOut = ended.outcome === 'accepted' || ended.outcome === 'unknown'
  if (!wentOut || warnings.length === 0) return end
  return { ...end, ended: { ...ended, warnings: [...(ended.warnings ?? []), ...warnings] } }
}
