import { expect, test } from 'vitest'
import { setUp } from './set-up.ts'

test('wrong credentials are refused with 20003', async () => {
  const { post } = await setUp()
  const response = await post({}, 'wrong')
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({
    code: 20003,
    message: 'Authenticate',
    more_info: 'https://www.twilio.com/docs/errors/20003',
    status: 401,
  })
})

const valid = { To: '+33612345678', From: '+15005550006', Body: 'x' }
test.each<[number, number, string, Record<string, string>]>([
  [21604, 400, 'no To', { ...valid, To: '' }],
  [21603, 400, 'no From', { To: valid.To, Body: 'x' }],
  [21602, 400, 'no content', { ...valid, Body: '' }],
  [21211, 400, 'a To that is not a number', { ...valid, To: '0612345678' }],
  [21212, 400, 'a From that is not a number', { ...valid, From: 'what?' }],
  [21606, 400, 'a From of somebody else', { ...valid, From: '+33700000000' }],
  [
    63007,
    400,
    'a WhatsApp From of somebody else',
    { ...valid, To: 'whatsapp:+33612345678', From: 'whatsapp:+33700000000' },
  ],
  [21910, 400, 'ends of two channels', { ...valid, To: 'whatsapp:+33612345678' }],
  [21617, 400, 'a Body over 1600 characters', { ...valid, Body: 'x'.repeat(1_601) }],
  [
    21609,
    400,
    'a StatusCallback with an underscore',
    { ...valid, StatusCallback: 'http://my_host.localhost/x' },
  ],
  [
    21609,
    400,
    'a StatusCallback that leaves this machine',
    { ...valid, StatusCallback: 'https://example.com/x' },
  ],
  [
    21656,
    400,
    'ContentVariables that are not JSON',
    { ...valid, ContentSid: `HX${'0'.repeat(32)}`, ContentVariables: '{' },
  ],
  [21705, 400, 'an unknown Messaging Service', { ...valid, MessagingServiceSid: 'MG0' }],
  [21212, 400, 'the magic invalid From', { ...valid, From: '+15005550001' }],
  [21611, 429, 'the magic full From', { ...valid, From: '+15005550008' }],
  [21612, 400, 'the magic unroutable To', { ...valid, To: '+15005550002' }],
  [21408, 400, 'the magic forbidden To', { ...valid, To: '+15005550003' }],
  [21610, 400, 'the magic blocked To', { ...valid, To: '+15005550004' }],
  [21614, 400, 'the magic landline To', { ...valid, To: '+15005550009' }],
  [21211, 400, 'the story refused', { ...valid, To: '+33612345680' }],
  [20429, 429, 'the story busy', { ...valid, To: '+33612345681' }],
  [20500, 500, 'the story down', { ...valid, To: '+33612345682' }],
])('%i (HTTP %i) refuses %s', async (code, status, _what, form) => {
  const { sandbox, post } = await setUp()
  const response = await post(form)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({
    code,
    status,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
  })
  expect(sandbox.received()).toEqual([])
})
