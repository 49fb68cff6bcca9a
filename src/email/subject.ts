import type { ReturnPaths } from '#src/contract/return-path.ts'
import type { Report } from './reported.ts'

/** Which message a report is about, and by what we know. */
export interface Subject {
  by: 'return path' | 'envelope id' | 'message ref' | 'message id' | 'address' | 'none'
  /** Our id, as it is told; whether there is such a message is for the database to say. */
  messageId?: string
  /** The Message-ID that it names, without brackets. */
  providerMessageId?: string
  /** It names no message at all: the latest one to its address may be meant. */
  guess?: true
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * In the order of what is hardest to get wrong: the token of the return path, the envelope's id, our own header and the Message-ID of
 * the mail that is returned. Relays may rewrite the last, and leave out the mail.
 */
export function subjectOf(report: Report, paths: ReturnPaths | undefined): Subject {
  const { returnPaths, envelopeId, returned } = report
  const token = returnPaths.map((path) => paths?.messageIn(path)).find((id) => id !== undefined)
  if (token !== undefined) return { by: 'return path', messageId: token }
  const theirs = /(?<![^<>\s])[^<>\s]+@[^<>\s]+/.exec(returned['message-id'] ?? '')?.[0].slice(0, 255)
  const named = theirs === undefined ? {} : { providerMessageId: theirs }
  const ids = [
    ['envelope id', envelopeId],
    ['message ref', returned['x-message-ref']],
    ['message id', theirs?.slice(0, theirs.lastIndexOf('@'))],
  ] as const
  for (const [by, id] of ids)
    if (id !== undefined && uuid.test(id)) return { by, messageId: id.toLowerCase(), ...named }
  if (theirs !== undefined) return { by: 'message id', ...named }
  return envelopeId === undefined ? { by: 'address', guess: true } : { by: 'none' }
}
