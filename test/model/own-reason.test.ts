import { expect, it } from 'vitest'
import { ownReason } from '#src/model/own-reason.ts'

it.each(['expired', 'suppressed', 'outside_whatsapp_window', 'cleared'])('%s is said by us', (code) => {
  expect(ownReason(code)).toBe(code)
})

it.each([undefined, '', '63016', 'Expired', 'constructor'])('%j is a provider’s, or none', (code) => {
  expect(ownReason(code)).toBeUndefined()
})
