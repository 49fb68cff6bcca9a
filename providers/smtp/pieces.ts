import { Readable } from 'node:stream'
import { setImmediate as others } from 'node:timers/promises'

/** A multiple of four, so that each piece of base64 stands for whole bytes. */
const pieceCharacters = 64 * 1024
/** nodemailer looks at a shorter text as a whole, to write it as people would. */
const longCharacters = 256 * 1024

/** A text as nodemailer takes it: encoded in one go, a long one would hold everybody up. */
export function textInPieces(text: string | undefined): string | Readable | undefined {
  if (text === undefined || text.length < longCharacters) return text
  return Readable.from(
    pieces(text.toWellFormed(), (piece) => Buffer.from(piece)),
    { objectMode: false },
  )
}

/** What is attached, from its base64. */
export function bytesInPieces(base64: string): Readable {
  return Readable.from(
    pieces(base64, (piece) => Buffer.from(piece, 'base64')),
    { objectMode: false },
  )
}

/** Lets others have their turn between two pieces. */
async function* pieces(text: string, bytes: (piece: string) => Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; ) {
    // Half a pair is not a character.
    const cut = at + pieceCharacters
    const end = /[\ud800-\udbff]/.test(text.charAt(cut - 1)) ? cut - 1 : cut
    yield bytes(text.slice(at, end))
    at = end
    await others()
  }
}
