import { expect, it } from 'vitest'
import { replayCursor, replayPosition, startOfReplay } from '#src/replay/cursor.ts'

it.each([startOfReplay, { of: 'events', after: 1_200 }, { of: 'quarantined', after: 7 }] as const)(
  'the cursor of %j leads back there',
  (position) => {
    expect(replayPosition(replayCursor(position))).toEqual(position)
  },
)

it.each([
  '',
  'events',
  'events:',
  'events:-1',
  'events:1.5',
  'events:1e3',
  'jobs:1',
  'events:1 ',
  `events:${'9'.repeat(16)}`,
])('%j is refused', (cursor) => {
  expect(() => replayPosition(cursor)).toThrow(
    expect.objectContaining({ code: 'invalid_params', status: 400 }),
  )
})
