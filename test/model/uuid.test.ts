import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { uuidBytes, uuidOf } from '#src/model/uuid.ts'

it('a UUID is 16 bytes, and they are that UUID', () => {
  const uuid = randomUUID()
  expect(uuidBytes(uuid)).toHaveLength(16)
  expect(uuidOf(uuidBytes(uuid))).toBe(uuid)
})
