import { expect, it } from 'vitest'
import { tagOf } from '#providers/espocrm/tag.ts'

it('a tag is the last group of a uuid, so that a person can look for it', () => {
  expect(tagOf('m', '0B9C1F2E-6A3D-4C8B-9E21-5F7A8B9C0D1E')).toBe('[m:5f7a8b9c0d1e]')
})

it('a tag of any other key has as many bits, and is the same each time', () => {
  expect(tagOf('n', 'auto-reply:1')).toMatch(/^\[n:[0-9a-f]{12}\]$/)
  expect(tagOf('n', 'auto-reply:1')).toBe(tagOf('n', 'auto-reply:1'))
  expect(tagOf('n', 'auto-reply:1')).not.toBe(tagOf('n', 'auto-reply:2'))
})

it('a tag of a message is not that of its note', () => {
  const id = '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e'
  expect(new Set([tagOf('m', id), tagOf('f', id), tagOf('n', id), tagOf('t', id)]).size).toBe(4)
})
