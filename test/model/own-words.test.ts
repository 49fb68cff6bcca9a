import { expect, test } from 'vitest'
import { isSignature, ownWords } from '#src/model/own-words.ts'

test.each([
  ['Oui\n\n> Répondez NON pour annuler', 'Oui'],
  ['Oui\nLe lun. 30 nov. 2026 à 10:04, Cabinet <c@x.example> a écrit :\nNON ?', 'Oui'],
  ['Yes\nOn Mon, Nov 30, 2026 at 10:04 AM Office <c@x.example> wrote:\nNo?', 'Yes'],
  ['ok\n-----Message d’origine-----\nDe : Cabinet\nNON', 'ok'],
  ['ok\nDe : Cabinet\nEnvoyé : lundi 30\nNON', 'ok'],
  ['Non\nEnvoyé de mon iPhone', 'Non'],
  ['No\nSent from Outlook for Android', 'No'],
  ['Oui\n-- \nAnna Martin', 'Oui'],
  ['Oui. Cordialement, Anne Durand', 'Oui. Cordialement'],
  ['Oui. Cordialement\nMme Anne Durand\n06 12 34 56 78', 'Oui. Cordialement'],
  ['Bonjour Mme Martin, oui', 'Bonjour Mme, oui'],
])('of %j only %j is their own', (text, own) => {
  expect(ownWords(text).trim()).toBe(own)
})

test.each([
  'oui mais non',
  'Oui Docteur Annulez',
  'Oui cordialement mais pas demain',
  'Oui\nMardi',
  '> oui',
  'OUI DOCTEUR ANNULEZ',
])('nothing that may be a word is left out of %j', (text) => {
  expect(ownWords(text)).toBe(text)
})

test.each([
  ['Jean Dupont', true],
  ['Mme Anne de la Tour', true],
  ['06 12 34 56 78', true],
  ['anna@customers.example', true],
  ['je suis malade', false],
  ['Non', false],
  ['Annulez', false],
])('%j as a signature: %j', (line, is) => {
  expect(isSignature(line)).toBe(is)
})
