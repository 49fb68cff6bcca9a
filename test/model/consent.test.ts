import { describe, expect, test } from 'vitest'
import { consentOf } from '#src/model/consent.ts'
import { givingConsent, withdrawing } from '#src/model/phrases.ts'
import { keyOf, wordsOf } from '#src/model/words.ts'

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
