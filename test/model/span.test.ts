import { expect, test } from 'vitest'
import { spanSeconds } from '#src/model/span.ts'

test('a span is a whole number of seconds, minutes, hours or days', () => {
  expect(['90s', '15m', '2h', '1d'].map(spanSeconds)).toEqual([90, 900, 7_200, 86_400])
})

test('anything else is none, and neither is nothing', () => {
  for (const value of ['', '0h', '15', 'm', '1.5h', '-1h', '15 m', '15M', '1h30m', '1234567s'])
    expect([value, spanSeconds(value)]).toEqual([value, undefined])
})
