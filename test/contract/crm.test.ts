import { expect, it } from 'vitest'
import { isFailure } from '#src/contract/crm.ts'

it.each([
  ['bounced', true],
  ['complained', true],
  ['failed', true],
  ['sent', false],
  ['delivered', false],
  ['read', false],
  ['clicked', false],
] as const)('%s is a failure: %s', (delivery, is) => {
  expect(isFailure(delivery)).toBe(is)
})
