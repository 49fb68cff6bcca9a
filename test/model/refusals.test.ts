import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consentOf } from '#src/model/consent.ts'
import { phrases } from '#src/model/phrases.ts'
import { refusalIn } from '#src/model/refusals.ts'
import { notOptOuts, optOuts, optOutsAmongMore } from './opt-outs.ts'
import { hadEnough, hadEnoughAmongMore, hadEnoughOfSomethingElse } from './opt-outs-had-enough.ts'
import {
  erasing,
  leaving,
  noMail,
  noMailEither,
  notAsked,
  noWordOfIt,
  perhapsErasing,
  strangers,
} from './opt-outs-of-what.ts'
import { optOutsSaidOtherwise } from './opt-outs-said-otherwise.ts'

const said = (text: string) => refusalIn(text)?.said
const everywhere = ['sms', 'whatsapp', 'email'] as const

describe('not to be written to any more', () => {
  test.each([
    ...optOuts,
    ...optOutsSaidOtherwise,
    ...hadEnough,
    ...leaving,
    ...erasing,
    ...noMailEither,
    ...strangers,
  ])('is asked for by «%s», on every channel', (text) => {
    expect(said(text)).toBe('plain')
    for (const channel of everywhere) expect(consentOf({ channel, text })).toBe('withdrawn')
  })
  test.each([...optOutsAmongMore, ...hadEnoughAmongMore, ...notAsked, ...perhapsErasing])(
    'may be asked for by «%s», which a person reads',
    (text) => {
      expect(said(text)).toBe('among more')
      for (const channel of everywhere) expect(consentOf({ channel, text })).toBeUndefined()
    },
  )
  test.each([...notOptOuts, ...noWordOfIt, ...hadEnoughOfSomethingElse])(
    'is not asked for by «%s»',
    (text) => {
      expect(refusalIn(text)).toBeUndefined()
      expect(consentOf({ channel: 'whatsapp', text })).not.toBe('withdrawn')
    },
  )
  test('is known in many ways', () => {
    expect(new Set([...optOuts, ...optOutsSaidOtherwise]).size).toBeGreaterThanOrEqual(300)
  })
})

describe('what it is that a person does not want', () => {
  test.each(noMail)('«%s»: what comes by mail, and nothing else', (text) => {
    expect(refusalIn(text)).toMatchObject({ said: 'plain', about: { here: false, mail: true } })
    expect(consentOf({ channel: 'email', text })).toBe('withdrawn')
    for (const channel of ['sms', 'whatsapp'] as const) expect(consentOf({ channel, text })).toBeUndefined()
  })
  test.each(noMailEither)('«%s»: what comes by mail too', (text) => {
    expect(refusalIn(text)?.about.mail).toBe(true)
  })
  test.each(leaving)('«%s»: perhaps an appointment', (text) => {
    expect(refusalIn(text)?.about.leaving).toBe(true)
  })
  test.each(strangers)('«%s»: not whom we mean', (text) => {
    expect(refusalIn(text)?.about.stranger).toBe(true)
  })
  test.each([...erasing, ...perhapsErasing])('«%s»: that what is kept is erased, or perhaps', (text) => {
    expect(refusalIn(text)?.erasure).toBe(true)
  })
  test.each([...optOuts, ...optOutsSaidOtherwise, ...hadEnough, ...notAsked])(
    '«%s»: no erasure, no mail',
    (text) => {
      expect(refusalIn(text)).toMatchObject({ erasure: false, about: { mail: false, stranger: false } })
    },
  )
})

const known = fc.constantFrom(...optOuts.filter((text) => !/\n|cordialement/i.test(text)))
const closing = /vous$|cordialement|^cdt|regards$/
/** What answers a wish (« vous aussi ») follows no refusal, and nobody begins with what ends a letter. */
const after = fc.constantFrom('', ...phrases.polite.filter((text) => !/aussi$|too$/.test(text)))
const before = fc.constantFrom('', ...phrases.polite.filter((text) => !closing.test(text)))
const emoji = fc.constantFrom('', ' 😡', '🛑', ' !!!', '…', ' 👎🏽')
const written = fc.constantFrom<(text: string) => string>(
  String,
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => text.normalize('NFD').replace(/\p{M}/gu, ''),
  (text) => text.replaceAll("'", '’'),
)

test('counts in any case, without accents, among courtesies and signs', () => {
  fc.assert(
    fc.property(known, before, after, emoji, written, (text, greeting, thanks, sign, as) => {
      expect(said(as(`${greeting}, ${text}${sign} ${thanks}`))).toBe('plain')
    }),
    { numRuns: 3_000 },
  )
})

test('with a sentence more is always for a person, whatever it says', () => {
  const more = fc.constantFrom(
    'mais appelez-moi',
    'et mon rendez-vous ?',
    'à quelle heure',
    'xyzzy',
    'but call me',
  )
  fc.assert(
    fc.property(known, more, fc.boolean(), (text, sentence, first) => {
      expect(said(first ? `${sentence}. ${text}` : `${text}. ${sentence}`)).toBe('among more')
    }),
    { numRuns: 2_000 },
  )
})

test('a negation before it is never taken for it', () => {
  const negated = [
    'je ne veux pas me désabonner',
    "n'arrêtez pas",
    'do not stop',
    "don't unsubscribe me",
    'pas stop',
  ]
  for (const text of negated) expect(said(text)).toBe('among more')
})

test('is looked for in little time, whatever is written', () => {
  const begun = performance.now()
  for (const part of ['stop ', 'text ', 'ne m envoyez plus ', 'de ', 'merci ', '> ', 's', 'le ', '\n', 'Aa '])
    for (const length of [990, 70_000]) refusalIn(part.repeat(length / part.length))
  expect(performance.now() - begun).toBeLessThan(2_000)
})

test.each([
  'Plus de rappels ?',
  'No more reminders?',
  "Don't text me now",
  'Ne me dérangez pas maintenant',
  'Je voudrais plus d’offres',
  'Ne m’appelez plus',
  "Don't call me again",
  'Oubliez mon numéro',
])('«%s» may mean something else: a person reads it', (text) => {
  expect(said(text)).toBe('among more')
})

test.each([
  'Stop ?',
  'Pouvez-vous arrêter les SMS ?',
  'Merci de ne plus m’envoyer de SMS ?',
  'Ne m’envoyez plus de messages maintenant',
  'Stop maintenant',
])('«%s» is one all the same', (text) => {
  expect(said(text)).toBe('plain')
})
