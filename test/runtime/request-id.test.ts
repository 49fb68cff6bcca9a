import { expect, it } from 'vitest'
import { requestId } from '#src/runtime/request-id.ts'

it.each(['crm-42', 'a'.repeat(100), '2026:11.22_x'])('the caller’s own %s is kept', (given) => {
  expect(requestId(given)).toBe(given)
})

it.each([undefined, '', 'a b', 'é', 'x\n{"level":"error"}', 'a'.repeat(101)])(
  '%j gets a new one',
  (given) => {
    expect(requestId(given)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  },
)
