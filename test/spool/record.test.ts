import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecords, encodeRecord } from '#src/spool/record.ts'

const payloads = fc.array(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  { minLength: 1, maxLength: 6 },
)
/** What the spool really keeps: JSON text, in which the magic bytes cannot occur. */
const texts = fc.array(
  fc.json().map((text) => Buffer.from(text)),
  { minLength: 1, maxLength: 6 },
)

function segmentOf(records: readonly Buffer[]): Buffer {
  return Buffer.concat(records.map(encodeRecord))
}

test('what was written is read again, byte for byte and in its order', () => {
  fc.assert(
    fc.property(payloads, (records) => {
      expect(decodeRecords(segmentOf(records))).toEqual({ payloads: records, damaged: [], tornBytes: 0 })
    }),
  )
})

test('an empty segment holds nothing', () => {
  expect(decodeRecords(Buffer.alloc(0))).toEqual({ payloads: [], damaged: [], tornBytes: 0 })
})

test('a last record that is torn at any of its bytes is cut, and the others survive', () => {
  fc.assert(
    fc.property(texts, (records) => {
      const whole = segmentOf(records)
      const sound = records.slice(0, -1)
      const soundBytes = segmentOf(sound).length
      for (let end = soundBytes; end < whole.length; end++)
        expect(decodeRecords(whole.subarray(0, end))).toEqual({
          payloads: sound,
          damaged: [],
          tornBytes: end - soundBytes,
        })
    }),
    { numRuns: 30 },
  )
})

test('a torn record that the next process would have written after is kept apart from its neighbours', () => {
  const [first, torn, last] = [Buffer.from('first'), encodeRecord(Buffer.from('torn')), Buffer.from('last')]
  for (let length = 1; length < torn.length; length++) {
    const part = torn.subarray(0, length)
    const segment = Buffer.concat([encodeRecord(first), part, encodeRecord(last)])
    expect(decodeRecords(segment)).toEqual({ payloads: [first, last], damaged: [part], tornBytes: 0 })
  }
})

test('a record damaged at any of its bytes is kept apart, and its neighbours survive', () => {
  const [first, middle, last] = ['first', '{"a":[1,"é"]}', 'last'].map((text) => Buffer.from(text))
  if (!first || !middle || !last) throw new Error('three records')
  const from = encodeRecord(first).length
  const length = encodeRecord(middle).length
  for (let at = 0; at < length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const segment = segmentOf([first, middle, last])
      segment.writeUInt8(segment.readUInt8(from + at) ^ (1 << bit), from + at)
      expect(decodeRecords(segment)).toEqual({
        payloads: [first, last],
        damaged: [segment.subarray(from, from + length)],
        tornBytes: 0,
      })
    }
})

test('any bytes at all are read without an error, and none of them is counted twice', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), payloads, (noise, records) => {
      const segment = Buffer.concat([noise, segmentOf(records)])
      const { payloads: found, damaged, tornBytes } = decodeRecords(segment)
      const total = [...found.map(encodeRecord), ...damaged].reduce((sum, { length }) => sum + length, 0)
      expect(total + tornBytes).toBe(segment.length)
    }),
  )
})
