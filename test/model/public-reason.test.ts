import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenOf, hiddenTexts } from '#src/model/hidden.ts'
import { codeWord, ours, publicReason } from '#src/model/public-reason.ts'
import { expectNothingOf, quotable, secretEmail, secretText, writings } from '#support/secret-message.ts'

const key = 'SG.fD3kPq81Rw7Zt5Xy.vB6nM0aLcJ2hG9sE4uK8iO1pQ'

describe('an explanation tells nothing of the message', () => {
  for (const message of [secretEmail, secretText('sms')]) {
    const hidden = hiddenOf(message, [key])

    it.each(writings)(`that is quoted %s (${message.channel})`, (_how, write) => {
      for (const quoted of [...quotable(message), key].map(write))
        expectNothingOf(publicReason(`550 5.7.1 The value "${quoted}" is not allowed`, hidden), [
          quoted.slice(0, 20),
        ])
    })

    it(`by a single word of it (${message.channel})`, () => {
      for (const word of quotable(message).flatMap((text) => text.split(/\P{L}+/u)))
        expectNothingOf(publicReason(`The word ${word} is not allowed`, hidden))
    })
  }

  it.each([
    ['Subject is Befund: Zahnschm', 'Subject is <hidden>'],
    ['Subject "Befund: Zahnschmer...": refused', 'Subject "<hidden>...": refused'],
    ['nobody is called Quintefeu…', 'nobody is called <hidden>…'],
    ['no zoe.quintefeuille here', 'no <hidden> here'],
    ['patientin.example does not exist', '<hidden> does not exist'],
    ['see https://praxis.example/e/Geheimnis47110815?x=1', 'see <hidden>?x=1'],
    ['the account of apfelbaum', 'the account of <hidden>'],
    ['zoe.quintefeuille (at) patientin.example', '<hidden> (at) <hidden>'],
  ])('in part: %s', (said, told) => {
    expect(publicReason(said, hiddenOf(secretEmail, []))).toBe(told)
  })

  it.each([
    ['not to 06 12 34 56 78', 'not to <number>'],
    ['not to +336****5678', 'not to +336****<number>'],
    ['not to whatsapp:+33612345678', 'not to whatsapp:<number>'],
    ['not to 33612345678@c.us', 'not to <address>'],
    ['no number ends in 45678', 'no number ends in <number>'],
    ['error 21211 of 2026', 'error 21211 of 2026'],
  ])('of the number, whole or in part: %s', (said, told) => {
    expect(publicReason(said, hiddenOf(secretText('sms'), []))).toBe(told)
  })

  it('of what a template was filled with, nor of its buttons', () => {
    const template = { contentSid: `HX${'a'.repeat(32)}`, variables: { '1': 'Marie', '2': '14:30' } }
    const buttons = [{ id: 'confirm:42', title: 'Gerne' }]
    const hidden = hiddenOf({ ...secretText('whatsapp'), template, buttons }, [])
    expect(publicReason('Bad {"1":"Marie","2":"14:30"} for Gerne', hidden)).toBe(
      'Bad {"1":"<hidden>","2":"<hidden>"} for <hidden>',
    )
  })

  it('whatever is quoted and however, in any language', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[bcdfghjklmnpqrstvwxz]{5,12}$/),
      fc.stringMatching(/^[äöüéèçßœ]{1,2}[bcdfghjk]{5}[A-Z]{3}$/),
      fc.stringMatching(/^[а-яА-Я]{4,9}$/),
      fc.stringMatching(/^[一-龥]{2,6}$/),
    )
    const writing = fc.constantFrom(...writings)
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 8 }),
        writing,
        fc.nat(7),
        (words, [, write], from) => {
          const quoted = words.slice(from % words.length)
          const hidden = hiddenOf({ ...secretEmail, subject: words.join(' ') }, [])
          const told = publicReason(`550 refused: ${write(quoted.join(' '))}`, hidden)
          // The last may be cut off where it is quoted, and be too short to be told from others.
          for (const one of quoted.slice(0, -1)) expect(told.toLowerCase()).not.toContain(one.toLowerCase())
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a key', () => {
  it.each([
    [`no such key: ${key}`, 'no such key: <hidden>'],
    ['no such key: SG.fD3kPq81Rw…', 'no such key: <hidden>…'],
    ['no such key: …aLcJ2hG9sE4uK8iO1pQ', 'no such key: …<hidden>'],
    [`Basic ${Buffer.from(`apikey:${key}`).toString('base64')}`, 'Basic <hidden>'],
    ['SG. is how a key begins', 'SG. is how a key begins'],
  ])('is told neither whole nor in part: %s', (said, told) => {
    expect(publicReason(said, hiddenTexts([], [key]))).toBe(told)
  })

  it('that is a word of explanations leaves them readable', () => {
    const hidden = hiddenTexts([], ['the-password'])
    expect(publicReason('535 5.7.8 wrong password', hidden)).toBe('535 5.7.8 wrong password')
    expect(publicReason('535 5.7.8 not the-password', hidden)).toBe('535 5.7.8 not <hidden>')
  })
})

/** As everyday English as explanations are. */
const letter = `Dear Mrs Miller, thank you for your message of last week. We have received your request and will send you
the results of the test by post as soon as possible. Please check that your address and your phone number are still
valid, because the last letter was returned to us: the post office could not deliver it. If you do not want to receive
any more messages from us, please let us know. Your account is not active yet. To use it, sign in with your email address
and choose a new password. The link is valid for one day only; if it has expired, ask for a new one. This message was sent
from an address that is not read, so please do not reply to it. For more information see the page of our service, or try to
call us during the day. There is a limit on the number of files that can be attached, and on their size. We are not able to
process a request that does not have all the required documents, and the content of your file may not be complete.`

describe('an explanation still tells why', () => {
  test.each([
    '550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking',
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated.',
    '552 5.2.2 The recipient mailbox is full and cannot accept messages now',
    '450 4.2.0 Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/',
    '554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org',
    '550 5.4.1 Recipient address rejected: Access denied. [DB5EUR03FT016.eop-EUR03.prod.protection.outlook.com]',
    '421 4.7.0 Temporary System Problem. Try again later',
    '535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6',
    'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
    'Does not contain a valid address. (personalizations.0.to.0.email)',
    'The content value must be a string at least one character in length. (content.0.value)',
    'Invalid `to` field. The email address needs to follow the `email@example` format.',
    'The comms.example domain is not verified. Please, add and verify your domain on https://resend.com/domains',
    'You can only send testing emails to your own email address.',
    'Too many requests. You can only make 2 requests per second.',
    "The 'To' number is not a valid phone number.",
    'The message From/To pair violates a blacklist rule.',
    "Validation failed. Details: 'message' length must be less than or equal to 20000 characters long",
    'Field validation failure; entityType: Note, field: post, type: required.',
  ])('beside a letter in English: %s', (said) => {
    const hidden = hiddenOf(
      { ...secretEmail, from: 'Max <max@comms.example>', text: letter, html: undefined },
      [key],
    )
    const told = said.replace('email@example', '<address>')
    expect(publicReason(said, hidden)).toBe(told)
  })

  test.each(['a', 'ok', 'to', '1', '👍'])('where the subject is %j', (subject) => {
    const hidden = hiddenOf({ ...secretEmail, subject }, [])
    expect(publicReason(`Not ok: a subject such as "${subject}" to a phone, 1 too many`, hidden)).toBe(
      'Not ok: a subject such as "<hidden>" to a phone, 1 too many',
    )
  })

  test('in one line of 300 characters', () => {
    const told = publicReason(`one\r\ntwo\0three ${'x '.repeat(400)}`, hiddenTexts([], []))
    expect(told).toMatch(/^one two three x x/)
    expect(told.length).toBeLessThanOrEqual(300)
  })
})

describe('the reason of an error', () => {
  test('is our own words, or what publicReason gave: nothing else compiles', () => {
    const said: string = 'Zahnschmerzen'
    const status: number = 502
    const hidden = hiddenTexts([said], [])
    // @ts-expect-error A text that may be a provider's.
    new ProviderError('postmule', 'permanent', said)
    // @ts-expect-error The same among ours.
    new ProviderError('postmule', 'permanent', `postmule: ${said}`)
    // @ts-expect-error The same among ours.
    ours`postmule: ${said}`
    // @ts-expect-error What is hidden must be named.
    const unnamed = () => publicReason(said)
    expect(unnamed).toThrow()
    const reason = ours`postmule: ${publicReason(said, hidden)} (HTTP ${status})`
    expect(new ProviderError('postmule', 'permanent', reason).message).toBe('postmule: <hidden> (HTTP 502)')
    expect(new ProviderError('postmule', 'permanent', 'postmule: sends only email').message).toBe(
      'postmule: sends only email',
    )
  })

  test('has codes as they are, and no sentence in their place', () => {
    expect([codeWord('notAuthorized'), codeWord('ECONNRESET'), codeWord('to Zoé')]).toEqual([
      'notAuthorized',
      'ECONNRESET',
      '<hidden>',
    ])
  })
})
