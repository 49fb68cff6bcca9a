import { describe, expect, test } from 'vitest'
import { longestReturnName, returnPaths } from '#src/contract/return-path.ts'

const id = '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e'
const address = 'bounces@comms.example'
const paths = returnPaths(address, ['the-secret', 'the-former'])

describe('a return path', () => {
  test.each([id, '00000000-0000-4000-8000-000000000000', 'ffffffff-ffff-4fff-bfff-ffffffffffff'])(
    'names the message %s, whatever a mail server does to its capitals',
    (message) => {
      const path = paths.of(message)
      expect(path).toMatch(/^bounces\+[0-9a-v]{39}@comms\.example$/)
      expect(paths.messageIn(path)).toBe(message)
      expect(paths.messageIn(`<${path.toUpperCase()}>`)).toBe(message)
    },
  )

  test('of a secret that has been changed is still believed, and that of another is not', () => {
    expect(paths.messageIn(returnPaths(address, ['the-former']).of(id))).toBe(id)
    expect(paths.messageIn(returnPaths(address, ['a-stranger']).of(id))).toBeUndefined()
  })

  test('is not believed where one digit of it is another', () => {
    const path = paths.of(id)
    for (const at of [8, 20, 46]) {
      const other = path[at] === '0' ? '1' : '0'
      expect(paths.messageIn(path.slice(0, at) + other + path.slice(at + 1))).toBeUndefined()
    }
    expect(paths.messageIn(`bounces+${'v'.repeat(39)}@comms.example`)).toBeUndefined()
    expect(paths.messageIn(address)).toBeUndefined()
  })

  test('without a secret is the address itself, and no token is believed', () => {
    const plain = returnPaths(address, [])
    expect(plain.of(id)).toBe(address)
    expect(plain.messageIn(paths.of(id))).toBeUndefined()
  })

  test('fits what a mail server takes before the @', () => {
    const long = `${'b'.repeat(longestReturnName)}@comms.example`
    expect(returnPaths(long, ['s']).of(id).indexOf('@')).toBe(64)
  })
})
