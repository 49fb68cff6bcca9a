import { expect, test } from 'vitest'
import { plain, setUp } from './set-up.ts'

test('a wrong key is refused in SendGrid’s words', async () => {
  const { post } = await setUp()
  const response = await post(plain, 'SG.wrong')
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'The provided authorization grant is invalid, expired, or revoked',
        field: null,
        help: null,
      },
    ],
  })
})

test.each<[string, number, string | null, unknown]>([
  ['no personalizations', 400, 'personalizations', { ...plain, personalizations: [] }],
  ['no from', 400, 'from.email', { ...plain, from: undefined }],
  ['no subject', 400, 'subject', { ...plain, subject: '' }],
  ['no content', 400, 'content', { ...plain, content: [] }],
  [
    'text after html',
    400,
    'content',
    { ...plain, content: [{ type: 'text/html', value: 'x' }, ...plain.content] },
  ],
  ['text twice', 400, 'content', { ...plain, content: [...plain.content, ...plain.content] }],
  [
    'a bad address',
    400,
    'personalizations.0.to.0.email',
    { ...plain, personalizations: [{ to: [{ email: 'nobody' }] }] },
  ],
  ['a custom arg that is not a string', 400, 'custom_args.n', { ...plain, custom_args: { n: 1 } }],
  ['a header that is not ours', 400, 'headers.Subject', { ...plain, headers: { Subject: 'x' } }],
  ['a sender that is not verified', 403, 'from', { ...plain, from: { email: 'max@elsewhere.example' } }],
  [
    'the story refused',
    400,
    'personalizations.0.to.0.email',
    { ...plain, personalizations: [{ to: [{ email: 'refused@example.com' }] }] },
  ],
  ['the story busy', 429, null, { ...plain, personalizations: [{ to: [{ email: 'busy@example.com' }] }] }],
  ['the story down', 500, null, { ...plain, personalizations: [{ to: [{ email: 'down@example.com' }] }] }],
])('%s is refused with %i', async (_what, status, field, body) => {
  const { sandbox, post } = await setUp()
  const response = await post(body)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ errors: [{ field }] })
  expect(sandbox.received()).toEqual([])
})

test('a body that is not JSON is a bad request', async () => {
  const { sandbox, setting } = await setUp()
  const headers = {
    authorization: `Bearer ${setting('SENDGRID_API_KEY')}`,
    'content-type': 'application/json',
  }
  const response = await fetch(`${sandbox.url}/sendgrid/v3/mail/send`, { method: 'POST', headers, body: '{' })
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ errors: [{ message: 'Bad Request', field: null, help: null }] })
})
