import { crc32 } from 'node:zlib'

/** The magic bytes of a record: no UTF-8 text holds them, so that reading finds its place again after damage. */
const magic = Buffer.from([0xff, 0xfe, 0x6d, 0x63])
const headerBytes = magic.length + 8

/** A payload as it lies on the disk: magic bytes, length, checksum (of length and payload), payload. */
export function encodeRecord(payload: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes)
  magic.copy(header)
  header.writeUInt32BE(payload.length, magic.length)
  header.writeUInt32BE(checksum(payload), magic.length + 4)
  return Buffer.concat([header, payload])
}

/** What a segment holds: its payloads in order, and the stretches that are none. */
export interface Decoded {
  payloads: Buffer[]
  /** Damaged bytes with sound records after them: nobody can say what they were, so they are kept apart. */
  damaged: Buffer[]
  /** How many bytes at the end are a record that was never finished: it was never acknowledged either. */
  tornBytes: number
}

/** Reads a segment, past any damage, to its last sound record. */
export function decodeRecords(segment: Buffer): Decoded {
  const payloads: Buffer[] = []
  const damaged: Buffer[] = []
  let at = 0
  let soundEnd = 0
  while (at < segment.length) {
    const payload = payloadAt(segment, at)
    if (payload === undefined) {
      const next = segment.indexOf(magic, at + 1)
      at = next < 0 ? segment.length : next
      continue
    }
    if (at > soundEnd) damaged.push(segment.subarray(soundEnd, at))
    payloads.push(payload)
    at += headerBytes + payload.length
    soundEnd = at
  }
  return { payloads, damaged, tornBytes: segment.length - soundEnd }
}

function payloadAt(segment: Buffer, at: number): Buffer | undefined {
  if (
    at + headerBytes > segment.length ||
    segment.compare(magic, 0, magic.length, at, at + magic.length) !== 0
  )
    return undefined
  const length = segment.readUInt32BE(at + magic.length)
  const start = at + headerBytes
  if (start + length > segment.length) return undefined
  const payload = segment.subarray(start, start + length)
  return checksum(payload) === segment.readUInt32BE(at + magic.length + 4) ? payload : undefined
}

function checksum(payload: Buffer): number {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(payload.length)
  return crc32(payload, crc32(length))
}
