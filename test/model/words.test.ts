import { expect, it } from 'vitest'
import { phraseKey, wordsOf } from '#src/model/words.ts'

it.each([
  ['C’est CONFIRMÉ !', ['c', 'est', 'confirme']],
  ['ouiii', ['oui']],
  ['noon', ['noon']],
  ['nooon', ['non']],
  ['okk', ['ok']],
  ['demain ?', ['demain', '?']],
  ['👍🏽', ['👍']],
  ['à 15h30', ['a', '15h30']],
  ['  ', []],
])('%j is %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words)
})

it('a text too long for an answer ends in a word that is none', () => {
  expect(wordsOf('oui '.repeat(300)).at(-1)).toBe('…')
  expect(wordsOf('oui '.repeat(250)).at(-1)).toBe('oui')
})

it('case, accents, apostrophes and spaces make no other phrase', () => {
  expect(['c’est bon', "C'EST BON", 'cest bon', 'c est bon.'].map(phraseKey)).toEqual(
    Array.from({ length: 4 }, () => 'cestbon'),
  )
})
