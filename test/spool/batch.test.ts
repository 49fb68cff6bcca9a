import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packed, unpacked } from '#src/spool/batch.ts'

test('a batch comes back as it was, whatever keys a provider put into it', () => {
  const row = fc.json().map((text) => ({ event_id: 'e1', raw: JSON.parse(text) }))
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (events, outcomes) => {
      const batch = { events, outcomes, quarantined: [] }
      const again = unpacked(packed(batch))
      expect(JSON.stringify([again?.events, again?.outcomes])).toBe(JSON.stringify([events, outcomes]))
    }),
  )
})

test('a key named __proto__ is data like any other', () => {
  const raw = JSON.parse('{"__proto__":{"a":1},"b":2}')
  const again = unpacked(packed({ events: [{ raw }], outcomes: [], quarantined: [] }))
  expect(JSON.stringify(again?.events)).toBe('[{"raw":{"__proto__":{"a":1},"b":2}}]')
})

test.each([
  ['another version', '{"version":2,"events":[],"outcomes":[],"quarantined":[]}'],
  ['a list missing', '{"version":1,"events":[],"outcomes":[]}'],
  ['a row that is none', '{"version":1,"events":[3],"outcomes":[],"quarantined":[]}'],
  ['no JSON', '{"version":1,'],
])('%s is no batch', (_what, text) => {
  expect(unpacked(Buffer.from(text))).toBeUndefined()
})
