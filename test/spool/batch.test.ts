import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packed, unpacked } from '#src/spool/batch.ts'

const known = {
  provider: 'twilio',
  event_id: 'e1',
  occurred_at: '2026-11-20T10:00:00.000Z',
  received_at: '2026-11-20T10:00:00.000Z',
}

test('a batch comes back as it was, whatever keys a provider put into it', () => {
  const json = fc.json().map((text) => JSON.parse(text))
  const event = json.map((raw) => ({ ...known, raw }))
  const outcome = json.map((raw) => ({ attempt: 1, raw }))
  fc.assert(
    fc.property(fc.array(event), fc.array(outcome), (events, outcomes) => {
      const batch = { events, outcomes, quarantined: [] }
      const again = unpacked(packed(batch))
      expect(JSON.stringify([again?.events, again?.outcomes])).toBe(JSON.stringify([events, outcomes]))
    }),
  )
})

test('a key named __proto__ is data like any other', () => {
  const raw = JSON.parse('{"__proto__":{"a":1},"b":2}')
  const again = unpacked(packed({ events: [{ ...known, raw }], outcomes: [], quarantined: [] }))
  expect(JSON.stringify(again?.events)).toContain('"raw":{"__proto__":{"a":1},"b":2}}')
})

test.each([
  ['another version', '{"version":2,"events":[],"outcomes":[],"quarantined":[]}'],
  ['a list missing', '{"version":1,"events":[],"outcomes":[]}'],
  ['a row that is none', '{"version":1,"events":[3],"outcomes":[],"quarantined":[]}'],
  [
    'an event that nobody told of',
    '{"version":1,"events":[{"event_id":"e1","raw":null}],"outcomes":[],"quarantined":[]}',
  ],
  ['no JSON', '{"version":1,'],
])('%s is not a batch', (_what, text) => {
  expect(unpacked(Buffer.from(text))).toBeUndefined()
})
