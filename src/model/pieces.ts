import { setImmediate as others } from 'node:timers/promises'

/** A multiple of four, so that each piece of base64 stands for whole bytes. */
const pieceLength = 256 * 1024

/** A text or bytes, piece by piece, each of whole characters; lets others have their turn after each. */
export async function* pieces(long: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  for (let at = 0; at < long.length; ) {
    const end = at + pieceLength
    const piece = typeof long === 'string' ? long.slice(at, whole(long, end)) : long.subarray(at, end)
    yield piece
    at += piece.length
    await others()
  }
}

/** Half a pair is not a character. */
function whole(text: string, end: number): number {
  return /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end
}
