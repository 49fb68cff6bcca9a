import { expect, it } from 'vitest'
import { addressOf, domainOf, mailboxOf } from '#src/model/mailbox.ts'

it.each([
  ['max@comms.example', undefined, 'max@comms.example'],
  ['  max@comms.example ', undefined, 'max@comms.example'],
  ['Max <max@comms.example>', 'Max', 'max@comms.example'],
  ['"Müller, Max" <max@comms.example>', 'Müller, Max', 'max@comms.example'],
  ['<max@comms.example>', undefined, 'max@comms.example'],
  ['Max<max+tag@comms.example>', 'Max', 'max+tag@comms.example'],
])('%j is a mailbox', (text, name, address) => {
  expect(mailboxOf(text)).toEqual({ name, address })
  expect(addressOf(text)).toBe(address)
})

it.each([
  '',
  'max',
  'max@',
  '@comms.example',
  'max@one@two.example',
  'one@comms.example, two@comms.example',
  'Max <max@comms.example> more',
  'Max\r\nBcc: other@comms.example <max@comms.example>',
])('%j is not one', (text) => {
  expect(mailboxOf(text)).toBeUndefined()
  expect(addressOf(text)).toBeUndefined()
})

it('the domain of an address is told in lower case', () => {
  expect(domainOf('Max@Comms.EXAMPLE')).toBe('comms.example')
})
