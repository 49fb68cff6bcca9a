import type { OfCopies } from '#src/model/errors.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import type { Warning } from '#src/model/warnings.ts'
import type { Circumstances } from '#src/store/circumstances.ts'
import type { AttemptEnd, Tried } from './attempt-end.ts'
import { copyEvents } from './copy-events.ts'

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
    const left = addresses?.filter((address) => !suppressed.includes(keptAddress(address)))
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

/** An attempt that did not go out to everybody says to whom it did not; who has it is not sent it again. */
export function withCopies(end: AttemptEnd, tried: Tried, copies: OfCopies | undefined): AttemptEnd {
  if (!copies) return end
  const { ended, notTaken } = end
  const toLacksIt = ended.outcome !== 'accepted'
  const reached = toLacksIt && copies.reached.length > 0 ? { reached: copies.reached } : {}
  const refused: Warning[] = copies.refused.length > 0 ? ['copy_refused'] : []
  const warnings = [...(ended.warnings ?? []), ...refused]
  return {
    ...end,
    ended: { ...ended, ...reached, ...(warnings.length > 0 ? { warnings } : {}) },
    besides: copyEvents(tried, copies, toLacksIt),
    ...(notTaken ? { notTaken: { ...notTaken, ...reached } } : {}),
  }
}

/** A message as it goes on: to those who lack it. */
export function stillLacking(message: OutgoingMessage, reached: readonly string[] = []): OutgoingMessage {
  if (message.channel !== 'email' || reached.length === 0) return message
  return { ...message, reached: [...(message.reached ?? []), ...reached] }
}
