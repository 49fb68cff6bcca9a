import { expect, it } from 'vitest'
import { masked } from '#src/model/mask.ts'

it.each([
  ['to Anna <anna@customer.example>, please', 'to Anna <address>, please'],
  ['/v1/suppressions/anna%40customer.example', '<address>'],
  ['(anna+crm@customer.example)', '(<address>)'],
  ['+33 6 12 34 56 78 is blocked', '<number> is blocked'],
  ['to=%2B33612345678&x=1', 'to=<number>&x=1'],
  ['0612345678', '<number>'],
  ['06.12.34.56.78', '<number>'],
])('%j becomes %j', (text, without) => {
  expect(masked(text)).toBe(without)
})

it.each(['550 5.1.1 mailbox unavailable', 'error 63016', '2026-11', 'HTTP 503 after 30000 ms'])(
  '%j tells nothing of anybody and stays',
  (text) => {
    expect(masked(text)).toBe(text)
  },
)
