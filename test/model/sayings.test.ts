import { expect, it } from 'vitest'
import { saidIn } from '#src/model/sayings.ts'
import { wordsOf } from '#src/model/words.ts'

it.each([
  ['oui', ['yes']],
  ['Oui, merci', ['yes', 'polite']],
  ['je ne peux pas venir, désolé', ['absence', 'sorry']],
  ['non', ['no']],
  ['je dois annuler', ['callOff']],
  ['xyzzy', ['unknown']],
])('%j says %j', (text, meanings) => {
  expect(saidIn(wordsOf(text)).map(({ meaning }) => meaning)).toEqual(meanings)
})

it('the longest phrase counts: "no problem" is not a no', () => {
  expect(saidIn(wordsOf('no problem'))).toEqual([{ meaning: 'yes', words: ['no', 'problem'] }])
})

it('every word is in what was said, once and in order', () => {
  const words = wordsOf('bonjour, oui xyzzy je viens demain à 10h, merci')
  expect(saidIn(words).flatMap((said) => said.words)).toEqual(words)
})
