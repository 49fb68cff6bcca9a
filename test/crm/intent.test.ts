import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { intentOf } from '#src/crm/intent.ts'
import { phrases } from '#src/model/phrases.ts'
import { keyOf, wordsOf } from '#src/model/words.ts'
import { ambiguous, cancel, confirm, other } from './answers.ts'
import {
  cancelling as cancels,
  confirming as confirms,
  courteous,
  refusing,
  unclear,
  unknown,
} from './written-answers.ts'

const { yes, no, callOff, absence, polite, glad, sorry, about, doubt } = phrases
const confirming = yes
const cancelling = [...no, ...callOff, ...absence]

describe('what a person writes', () => {
  test.each([...confirm, ...confirms])('«%s» confirms', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'confirm', by: 'text' })
  })
  test.each([...cancel, ...cancels])('«%s» cancels', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'cancel', by: 'text' })
  })
  test.each([...ambiguous, ...unclear])('«%s» is not clear', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'ambiguous' })
  })
  test.each([...other, ...unknown])('«%s» is not an answer', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'other' })
  })

  test.each(refusing)('«%s» may ask not to be written to, beside more', (text) => {
    expect(intentOf({ text })).toMatchObject({ kind: 'refusing', refusal: { said: 'among more' } })
  })
  test.each(courteous)('«%s» is nothing but a courtesy', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'courtesy' })
  })

  test('is known in many ways', () => {
    const acting = [...confirm, ...confirms, ...cancel, ...cancels]
    const asking = [...ambiguous, ...unclear, ...other, ...unknown, ...refusing, ...courteous]
    expect(new Set(acting).size).toBeGreaterThanOrEqual(250)
    expect(new Set(asking).size).toBeGreaterThanOrEqual(300)
  })
})

describe('a button', () => {
  test.each([
    ['confirm', { kind: 'confirm', by: 'button' }],
    ['cancel', { kind: 'cancel', by: 'button' }],
    ['confirm:6695b1c2d3e4f5a68', { kind: 'confirm', by: 'button', appointmentId: '6695b1c2d3e4f5a68' }],
    ['cancel:1', { kind: 'cancel', by: 'button', appointmentId: '1' }],
    ['confirm:', { kind: 'ambiguous' }],
    ['confirm:a b', { kind: 'ambiguous' }],
    [`confirm:${'a'.repeat(37)}`, { kind: 'ambiguous' }],
    ['maybe', { kind: 'other' }],
    ['Confirm', { kind: 'other' }],
  ])('with the payload %s', (buttonPayload, intent) => {
    expect(intentOf({ buttonPayload })).toEqual(intent)
  })

  test('that names no meeting we can read does not act by its title', () => {
    expect(intentOf({ buttonPayload: 'cancel:{{meetingId}}', text: 'Annuler' })).toEqual({
      kind: 'ambiguous',
    })
  })

  test('of another system is read by its title', () => {
    expect(intentOf({ buttonPayload: '2', text: 'Annuler' })).toEqual({ kind: 'cancel', by: 'text' })
  })

  test('outweighs its title', () => {
    expect(intentOf({ buttonPayload: 'cancel', text: 'Oui' })).toEqual({ kind: 'cancel', by: 'button' })
  })
})

describe('every phrase of the tables', () => {
  const known = fc.constantFrom(
    ...confirming.map((text) => ({ text, kind: 'confirm' as const })),
    ...cancelling.map((text) => ({ text, kind: 'cancel' as const })),
  )
  const courtesy = fc.constantFrom('', ...polite)
  const punctuation = fc.constantFrom('', ' ', '!', ' !!', '.', '…', ', ', ' ;')
  const word = fc.oneof(
    fc.stringMatching(/^[a-z]{2,9}$/),
    fc.stringMatching(/^[0-9]{1,4}h?$/),
    fc.constantFrom('🤔', '😡', '+'),
  )
  const upper = (text: string) => text.toUpperCase()
  const bare = (text: string) => text.normalize('NFD').replace(/\p{Mn}|['’-]/gu, '')
  const stacked = (text: string) => text.normalize('NFD').replaceAll("'", '’')

  test('means the same in any case, with or without accents, with any punctuation, among courtesies', () => {
    fc.assert(
      fc.property(
        known,
        courtesy,
        courtesy,
        punctuation,
        fc.constantFrom(String, upper, bare, stacked),
        ({ text, kind }, before, after, mark, written) => {
          const said = written(`${before}${mark} ${text}${mark} ${after}`)
          expect(intentOf({ text: said })).toEqual({ kind, by: 'text' })
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('never acts with a word more that is not a courtesy', () => {
    const keys = Object.values(phrases).flatMap((listed) => listed.map((phrase) => keyOf(wordsOf(phrase))))
    fc.assert(
      fc.property(known, courtesy, word, fc.boolean(), ({ text }, around, more, first) => {
        fc.pre(!keys.some((key) => key.includes(keyOf(wordsOf(more)))))
        const said = first ? `${more} ${around} ${text}` : `${text} ${around} ${more}`
        expect(intentOf({ text: said })).toEqual({ kind: 'ambiguous' })
      }),
      { numRuns: 2_000 },
    )
  })

  test('acts beside each phrase that goes with it, on either side', () => {
    const unacted = [
      ...beside(yes, [...polite, ...glad, ...about]).filter((text) => intentOf({ text }).kind !== 'confirm'),
      ...beside([...no, ...absence], [...polite, ...sorry]).filter(
        (text) => intentOf({ text }).kind !== 'cancel',
      ),
      ...beside(callOff, [...polite, ...sorry, ...about]).filter(
        (text) => intentOf({ text }).kind !== 'cancel',
      ),
    ]
    expect(unacted).toEqual([])
  })

  test('never acts beside a phrase that speaks against it', () => {
    const crossed = [
      ...beside(yes, [...no, ...callOff, ...absence, ...sorry, ...doubt]),
      ...beside(no, [...callOff, ...glad, ...about, ...doubt]),
      ...beside([...callOff, ...absence], [...glad, ...doubt]),
    ]
    expect(crossed.filter((text) => intentOf({ text }).kind !== 'ambiguous')).toEqual([])
  })

  test('does not act as a question', () => {
    fc.assert(
      fc.property(known, ({ text }) => {
        expect(intentOf({ text: `${text} ?` })).toEqual({ kind: 'ambiguous' })
      }),
    )
  })

  test('says one thing only, however it is spaced', () => {
    const keys = Object.values(phrases).flatMap((listed) => [
      ...new Set(listed.map((phrase) => keyOf(wordsOf(phrase)))),
    ])
    expect(keys.filter((key, at) => key === '' || keys.indexOf(key) !== at)).toEqual([])
  })

  test('does not act at the head of a text too long to be an answer', () => {
    expect(intentOf({ text: `oui ${'merci '.repeat(300)}` })).toEqual({ kind: 'ambiguous' })
  })
})

function beside(some: readonly string[], others: readonly string[]): string[] {
  return some.flatMap((one) => others.flatMap((other) => [`${one} ${other}`, `${other} ${one}`]))
}
