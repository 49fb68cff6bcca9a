import { expect, it } from 'vitest'
import { sameBytes, secrets } from '#src/contract/signature.ts'

it('a secret may be a list while it is being changed, the current one first', () => {
  expect(secrets(' new , old,')).toEqual(['new', 'old'])
  expect(secrets(undefined)).toEqual([])
})

it.each([
  ['abc', 'abc', true],
  ['', '', true],
  ['abc', 'abd', false],
  ['abc', 'abcd', false],
  ['é', 'e', false],
])('%j and %j are the same: %s', (left, right, same) => {
  expect(sameBytes(Buffer.from(left), Buffer.from(right))).toBe(same)
})
