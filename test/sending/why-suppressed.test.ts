import { expect, test } from 'vitest'
import { whySuppressed } from '#src/sending/suppressed.ts'

const endOfDeath =
  'correct it in the CRM; that its person writes, that a later message arrives, or POST /api/suppressions/release ends it'

test.each([
  ['whatsapp', 'received', 'they wrote STOP (a START from them ends it)'],
  ['email', 'unsubscribed', 'they unsubscribed (a new subscription of theirs ends it)'],
  ['email', 'complained', 'they complained of a message (a START or a new subscription of theirs ends it)'],
  ['email', 'bounced', `nobody has this address (${endOfDeath})`],
  ['email', '5.1.1', `nobody has it, as a message that came back proved (5.1.1) (${endOfDeath})`],
  [
    'sms',
    '21610',
    `nobody has it or they want no messages, as its provider told (21610) (a START from them ends it; where nobody has it: ${endOfDeath})`,
  ],
] as const)('on %s, where it was told by %s, says why and what ends it', (channel, reason, said) => {
  expect(whySuppressed(channel, reason)).toBe(`this address is not to be written to on ${channel}: ${said}`)
})

test("shows nothing of a provider's words that may hold an address", () => {
  for (const reason of ['anna@example.com is unknown', '+33612345678', '<b>'])
    expect(whySuppressed('email', reason)).toContain('proved (correct it in the CRM;')
})
