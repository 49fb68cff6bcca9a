import { expect, it } from 'vitest'
import { isUserId, whatsAppName } from '#src/model/whatsapp-name.ts'

it.each([
  ['FR.1349120865530274', 'FR.1349120865530274'],
  ['whatsapp:FR.77', 'FR.77'],
  [' whatsapp:ID.abC9 ', 'ID.abC9'],
  ['123456789012345@lid', '123456789012345@lid'],
  ['123456789012345:7@lid', '123456789012345@lid'],
  ['123456789012345@hosted.lid', '123456789012345@lid'],
])('%j is a name that WhatsApp has for a person', (writing, name) => {
  expect(whatsAppName(writing)).toBe(name)
})

it.each([
  '',
  '+33612345678',
  'fr.77',
  'FRA.77',
  'FR.',
  'FR.7 7',
  'FR.77@lid',
  '@lid',
  '33612345678@c.us',
  'anna@example.com',
  `FR.${'7'.repeat(129)}`,
])('%j is none', (writing) => {
  expect(whatsAppName(writing)).toBeUndefined()
})

it('only a user id may be written to by the Business Platform', () => {
  expect(isUserId('FR.77')).toBe(true)
  expect(isUserId('123456789012345@lid')).toBe(false)
})
