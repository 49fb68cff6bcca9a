import { createHmac, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { unsubscribeTokens } from '#src/email/unsubscribe-token.ts'

const current = 'the-current-secret-of-the-tests-0123456789'
const former = 'the-former-secret-of-the-tests-0123456789'
const id = '0b8a1c7e-1f5d-4c52-9a59-3f6f3c1d2e4b'
const tokens = unsubscribeTokens([current, former])

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const next = (character: string) => alphabet[alphabet.indexOf(character) ^ 1] ?? ''

test('a token names its message, and carries nothing else', () => {
  const token = tokens.of(id) ?? ''
  expect(tokens.messageOf(token)).toBe(id)
  expect(token).toMatch(/^[\w-]{22}\.[\w-]{22}$/)
  expect(Buffer.from(token.slice(0, 22), 'base64url').toString('hex')).toBe(id.replaceAll('-', ''))
})

test('a token of the secret before is believed, and one of a secret that is gone is not', () => {
  const before = unsubscribeTokens([former]).of(id) ?? ''
  expect(before).not.toBe(tokens.of(id))
  expect(tokens.messageOf(before)).toBe(id)
  expect(unsubscribeTokens([current]).messageOf(before)).toBeUndefined()
})

test('without a secret nothing is signed, and nothing is believed', () => {
  const none = unsubscribeTokens([])
  expect(none.of(id)).toBeUndefined()
  expect(none.messageOf(tokens.of(id) ?? '')).toBeUndefined()
})

describe('is not believed:', () => {
  const token = tokens.of(id) ?? ''
  const [named = '', proof = ''] = token.split('.')
  const other = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
  const bytes = Buffer.from(named, 'base64url')
  const forAnything = createHmac('sha256', current).update(bytes).digest().subarray(0, 16)
  test.each([
    ['another message under the same proof', `${other}.${proof}`],
    ['a proof of another purpose', `${named}.${forAnything.toString('base64url')}`],
    ['a proof that was cut', `${named}.${proof.slice(0, 11)}`],
    // Its last character has four bits that no byte has.
    ['another spelling of the same proof', `${token.slice(0, -1)}${next(token.slice(-1))}`],
    ['another spelling of the same message', `${named.slice(0, -1)}${next(named.slice(-1))}.${proof}`],
    ['no proof', named],
    ['an empty proof', `${named}.`],
    ['more than a token', `${token}a`],
    ['a uuid', id],
    ['nothing', ''],
    ['a path', '../../health'],
    ['control characters', `${named}\u0000.${proof}`],
  ])('%s', (_what, forged) => {
    expect(tokens.messageOf(forged)).toBeUndefined()
  })
})
