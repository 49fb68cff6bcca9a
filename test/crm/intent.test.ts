import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { intentOf } from '#src/crm/intent.ts'
import { consentOf } from '#src/model/consent.ts'
import { givingConsent, phrases, withdrawing } from '#src/model/phrases.ts'
import { keyOf, wordsOf } from '#src/model/words.ts'

const { yes, no, callOff, absence, polite, glad, sorry, about, doubt } = phrases
const confirming = yes
const cancelling = [...no, ...callOff, ...absence]

const confirm = [
  ...[
    'OUI',
    'oui',
    'Oui',
    ' Oui ! ',
    'oui.',
    'OUI!!!',
    'ouiii',
    'oui oui',
    'Oui, merci',
    'oui merci beaucoup',
  ],
  ...[
    'Bonjour, oui',
    'Bonjour, je confirme. Merci',
    'Oui s’il vous plaît',
    "oui s'il vous plait",
    'ouais',
    'ok',
    'OK',
    'Ok.',
  ],
  ...[
    'okay',
    'okkk',
    "d'accord",
    'D’accord',
    'daccord',
    "D'ACCORD !",
    "c'est d'accord",
    'je confirme',
    'Je confirme !',
  ],
  ...[
    'Je confirme ma présence',
    'je confirme le rendez-vous',
    'Je confirme mon RDV',
    'Confirmé',
    'confirmée',
    'CONFIRMER',
  ],
  ...[
    'c’est bon',
    "C'est bon pour moi",
    'ça marche',
    'Ça me va',
    'ça me convient',
    'entendu',

    'parfait',
    'Parfait !',
  ],
  ...[
    'très bien',
    'volontiers',
    'Bien sûr',
    'avec plaisir',
    'je serai là',
    "J'y serai",
    'Je viens',
    'pas de problème',
  ],
  ...[
    'yes',
    'Yes!',
    'YES please',
    'yep',
    'Confirm',
    'confirmed',
    'I confirm',
    'Sounds good',
    'perfect',
    "I'll be there",
  ],
  ...[
    '👍',
    '👍🏽',
    '👍👍',
    '👌',
    '✅',
    '✔️',
    'ok 👍',
    'Oui 😊',
    'ok merci 🙏',
    'Oui docteur',
    'Oui, à demain',
    'ok bonne journée',
  ],
  ...[
    'ouii',
    'okk',
    'yess',
    'O.K.',
    'cest bon',
    'jy serai',
    'Ill be there',
    'dʼaccord',
    'd´accord',
    'd`accord',
    'd′accord',
    'ou\u200bi',
    '\u200eoui\u200e',
    'ＯＫ',
    '*OUI*',
    'oui :)',
    '✓',
    '☑️',
    'ok pour moi',
    'ok pour demain',
    'Oui pour le rendez-vous',
    'Confirmer le rendez-vous',
    'Je confirme notre rdv',
    'J’accepte',
    'Accepter',
    'C’est ok',
    'Je valide',
    'works for me',
    'ok, see you tomorrow',
    'Pas de soucis !',
    'sans souci, à demain',
    'Je vous confirme ma présence',
    'nous vous confirmons le rdv',
    'I can make it',
  ],
]

const cancel = [
  ...[
    'NON',
    'non',
    'Non.',
    ' Non ! ',
    'nooon',
    'Non merci',
    'non désolé',
    'Bonjour, non',
    'no',
    'nope',
    'No sorry',
    'Annuler',
  ],
  ...[
    'annulé',
    'J’annule',
    "j'annule",
    'annulez',
    'Annulation',
    'je souhaite annuler',
    'Je dois annuler mon rendez-vous',
  ],
  ...[
    'Bonjour je voudrais annuler, merci',
    'je ne peux pas',
    'Je ne peux pas venir',
    'je ne pourrai pas venir',
    'je ne viens pas',
  ],
  ...[
    'impossible',
    'ce n’est pas possible',
    'CANCEL',
    'cancelled',
    'please cancel',
    "I can't",
    "I can't make it",
    'not coming',
  ],
  ...['👎', '👎🏿', '❌', 'non 🙏'],
  ...[
    'nonn',
    '✗',
    'Annuler le rendez-vous',
    'Merci d’annuler',
    'J’annule, désolée',
    'I cant come',
    'I wont be there',
    'Im not coming',
    'can not come',
    'je serai pas là',
    'Refuser',
    'Décliner',
    'Cancel my appointment please',
    'malheureusement je ne viens pas',
    'je pourrai pas venir, désolé',
    'Je ne viendrai plus',
    'je n’y serai pas',
    'Je serai absente',
    'on ne sera pas là',
    'I won’t be able to come, sorry',
    'I will not be there',
    "I'm unable to attend",
    'Non, je ne viens pas',
  ],
]

const ambiguous = [
  ...[
    'oui mais je ne peux pas',
    'non merci de me rappeler',
    'oui ou non ?',
    'oui non',
    'ok je vous rappelle',
    'non je confirme',
  ],
  ...[
    'je confirme que je ne viens pas',
    'je ne confirme pas',
    'oui mais à 15h',
    'ok mais plus tard',
    'oui, quelle adresse ?',
  ],
  ...[
    'non pas du tout, au contraire je viens',
    'd’accord pour annuler',
    'ok pour reporter',
    'oui annulez',
    'oui si le docteur est là',
  ],
  ...[
    'yes but later',
    'no problem but call me',
    'ok 👎',
    '👍❌',
    'je n’annule pas',
    'ne pas annuler',
    'oui je voudrais déplacer',
  ],
  ...[
    'parfait mais pas demain',
    'c’est bon, je ne viens plus',
    'entendu, rappelez moi',
    'non, plutôt jeudi',
    'je peux pas répondre ok',
  ],
  ...[
    'Annuler ?',
    'annulation ?',
    'C’est bon ?',
    'ok ?',
    'oui ??',
    'non？',
    'Non annulé',
    'no cancel',
    'annuler, non',
    'No, cancel',
    'non, à demain',
    'no see you tomorrow',
    'ok désolé',
    'oui, sorry',
    'oui ✗',
    'ok ✘',
    'oui + non',
    '~oui~',
    'oui 🤔',
    'oui 🇫🇷',
    'mm oui',
    'non 3',
    'non mon rendez-vous',
    'no appointment',
    'oui\nJean',
    'reporter',
    'Je voudrais décaler',
    'maybe',
    'oui le 12',
    'yes cancel it',
    'pas ok',
    'J’ai un empêchement',
    'je serai en retard',
    'ça ne me va pas',
    'je serai là ou pas',
    'je vous confirme que je serai absent',
    'je ne peux plus répondre ok',
    'je sais pas',
  ],
]

const other = [
  ...[
    'ouistiti',
    'nonante',
    'Bonjour',
    'merci',
    'Merci beaucoup',
    '',
    ' ',
    '?',
    '...',
    'Quelle heure ?',
    'Où êtes-vous ?',
    'okapi',
  ],
  ...[
    'confirmez-vous ?',
    'Louise',
    'nonchalant',
    'yesterday',
    'annuaire',
    'rappelez-moi',
    'à quelle heure',
    '🙂',
  ],
  ...[
    'http://example.com',
    '12345',
    'ouïr',
    'noël',
    'nonobstant',
    'présentation',
    'topinambour',
    'STOP',
    'START',
  ],
  ...['noon', 'noonn', '🙅', 'mon rdv', 'à demain', 'désolé', 'peux-tu venir', '12h'],
]

describe('what a person writes', () => {
  test.each(confirm)('«%s» confirms', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'confirm', by: 'text' })
  })
  test.each(cancel)('«%s» cancels', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'cancel', by: 'text' })
  })
  test.each(ambiguous)('«%s» is not clear', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'ambiguous' })
  })
  test.each(other)('«%s» is no answer', (text) => {
    expect(intentOf({ text })).toEqual({ kind: 'other' })
  })

  test('is known in many ways', () => {
    expect(confirm.length + cancel.length + ambiguous.length + other.length).toBeGreaterThanOrEqual(150)
    expect(ambiguous.length + other.length).toBeGreaterThanOrEqual(50)
  })
})

describe('a button', () => {
  test.each([
    ['confirm', { kind: 'confirm', by: 'button' }],
    ['cancel', { kind: 'cancel', by: 'button' }],
    ['confirm:6695b1c2d3e4f5a68', { kind: 'confirm', by: 'button', meetingId: '6695b1c2d3e4f5a68' }],
    ['cancel:1', { kind: 'cancel', by: 'button', meetingId: '1' }],
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

  test('never acts with a word more that is no courtesy', () => {
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

describe('consent', () => {
  test.each([
    'STOP',
    'stop',
    ' Stop ! ',
    'ARRET',
    'Arrêt',
    'ARRÊTEZ',
    'Désabonner',
    'me désabonner',
    'UNSUBSCRIBE',
    'opt-out',
    'Désinscription',
    'stop svp',
    'Bonjour, STOP merci',
    'Stop 🙏',
    'me désinscrire s’il vous plaît',
    'Arrêtez de m’écrire !',
  ])('is withdrawn by «%s» on every channel', (text) => {
    for (const channel of ['sms', 'whatsapp'] as const) expect(consentOf({ channel, text })).toBe('withdrawn')
  })
  test.each(['START', 'start.', 'UNSTOP', 'Reprendre', 'me réabonner'])('is given by «%s»', (text) => {
    expect(consentOf({ channel: 'whatsapp', text })).toBe('given')
  })
  test.each([
    'STOP PLEASE CALL',
    'ne vous arrêtez pas',
    'non stop',
    'startup',
    'stopper',
    'HELP',
    '',
    'end of the day',
  ])('is not touched by «%s»', (text) => {
    expect(consentOf({ channel: 'sms', text })).toBeUndefined()
  })
  test('CANCEL speaks of it by SMS only, where Twilio takes it so; YES is an answer', () => {
    expect(consentOf({ channel: 'sms', text: 'CANCEL' })).toBe('withdrawn')
    expect(consentOf({ channel: 'whatsapp', text: 'CANCEL' })).toBeUndefined()
    expect(consentOf({ channel: 'sms', text: 'Yes' })).toBeUndefined()
    expect(intentOf({ text: 'CANCEL' })).toEqual({ kind: 'cancel', by: 'text' })
  })
  test('no word means both', () => {
    const given = new Set(givingConsent.map((phrase) => keyOf(wordsOf(phrase))))
    expect(withdrawing.filter((phrase) => given.has(keyOf(wordsOf(phrase))))).toEqual([])
  })
  test('is withdrawn by a questioning STOP, and given by no question', () => {
    expect(consentOf({ channel: 'sms', text: 'Stop ?' })).toBe('withdrawn')
    expect(consentOf({ channel: 'sms', text: 'Start ?' })).toBeUndefined()
  })
})

function beside(some: readonly string[], others: readonly string[]): string[] {
  return some.flatMap((one) => others.flatMap((other) => [`${one} ${other}`, `${other} ${one}`]))
}
