import { expect, test } from 'vitest'
import { mailboxFault } from '#src/email/mailbox-fault.ts'
import { StoreError } from '#src/store/database.ts'

test.each([
  [{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED', remedy: expect.stringContaining('BOUNCE_IMAP_HOST') }],
  [
    {
      authenticationFailed: true,
      serverResponseCode: 'AUTHENTICATIONFAILED',
      response: 'LOGIN the-password',
    },
    { code: 'AUTHENTICATIONFAILED', remedy: 'check BOUNCE_IMAP_USER and BOUNCE_IMAP_PASSWORD' },
  ],
  [{ code: 'a code of "somebody@example.com"' }, { code: '<hidden>' }],
  [undefined, { code: 'unknown' }],
])('%j is told as %j, and nothing else of it', (error, told) => {
  const fault = mailboxFault(error)
  expect(fault).toMatchObject(told)
  expect(JSON.stringify(fault)).not.toMatch(/the-password|somebody/)
})

test('that the database is away is not a fault of the mailbox', () => {
  expect(mailboxFault(new StoreError('08006', 'away'))).toBeUndefined()
})
