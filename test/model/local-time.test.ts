import { expect, it } from 'vitest'
import { isTimeZone, localTime } from '#src/model/local-time.ts'

const moment = new Date('2026-11-22T23:30:00Z')

it.each([
  ['fr-FR', 'Europe/Paris', 'date', 'lundi 23 novembre 2026'],
  ['fr-FR', 'Europe/Paris', 'time', '00:30'],
  ['fr-FR', 'America/Montreal', 'both', '22 novembre 2026 à 18:30'],
] as const)('in %s, at %s, the %s is %s', (locale, timeZone, part, words) => {
  expect(localTime(moment, { locale, timeZone }, part)).toBe(words)
})

it('the clock is summer’s in summer', () => {
  const paris = { locale: 'fr-FR', timeZone: 'Europe/Paris' }
  expect(localTime(new Date('2026-07-22T08:30:00Z'), paris, 'time')).toBe('10:30')
})

it.each([
  ['Europe/Paris', true],
  ['UTC', true],
  ['Europe/Lutetia', false],
  ['', false],
])('%j is a time zone: %s', (name, is) => {
  expect(isTimeZone(name)).toBe(is)
})
