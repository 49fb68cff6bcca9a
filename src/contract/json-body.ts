import type { Attached } from '#src/model/attached.ts'
import { jsonParts } from '#src/model/large-json.ts'
import { pieces } from '#src/model/pieces.ts'

/**
 * JSON as the body of a request. With something attached it is a Blob, brought together by and by: in one go it would hold
 * everybody up. Not a stream, whose length no client tells.
 */
export async function jsonBody(value: unknown): Promise<string | Blob> {
  const [first = '', ...others] = jsonParts(value)
  if (others.length === 0 && typeof first === 'string') return first
  const blobs: Blob[] = []
  for (const part of [first, ...others]) blobs.push(await blobOf(part))
  return new Blob(blobs)
}

export async function blobOf(content: Attached): Promise<Blob> {
  const blobs: Blob[] = []
  for await (const piece of pieces(content))
    blobs.push(new Blob([typeof piece === 'string' ? piece : new Uint8Array(piece)]))
  return new Blob(blobs)
}
