import { expect, it } from 'vitest'
import { languageOf } from '#src/model/language.ts'

it.each([
  [undefined, 'fr'],
  ['', 'fr'],
  ['de-DE,en;q=0.8', 'fr'],
  ['en', 'en'],
  [' EN-gb,fr;q=0.5', 'en'],
  ['entirely', 'fr'],
])('a caller who accepts %j is told in %s', (header, language) => {
  expect(languageOf(header)).toBe(language)
})
