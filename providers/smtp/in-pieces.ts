import { Readable } from 'node:stream'
import { type Attached, attachedText } from '#src/model/attached.ts'
import { pieces } from '#src/model/pieces.ts'

/** nodemailer looks at a shorter text as a whole, to write it as people would. */
const longCharacters = 256 * 1024

/** A text as nodemailer takes it: encoded in one go, a long one would hold everybody up. */
export function textInPieces(text: string | undefined): string | Readable | undefined {
  if (text === undefined || text.length < longCharacters) return text
  return inPieces(text.toWellFormed(), (piece) => Buffer.from(piece))
}

/** What is attached, from its base64. */
export function bytesInPieces(base64: Attached): Readable {
  return inPieces(base64, (piece) => Buffer.from(attachedText(piece), 'base64'))
}

function inPieces(long: Attached, bytes: (piece: Attached) => Buffer): Readable {
  const written = async function* () {
    for await (const piece of pieces(long)) yield bytes(piece)
  }
  return Readable.from(written(), { objectMode: false })
}
