import {
  action,
  actionsPath,
  type BadRequest,
  goodSms,
  invalid,
  posted,
  refused,
  templatesPath,
  webhooks,
} from './bad-request.ts'

const tenMegabytes = 10_000_000

const overActions = 26 * 1_048_576

export function sizes(): BadRequest[] {
  const huge = (path: string, bytes: number) =>
    refused(`POST ${path} with ${bytes} bytes`, 413, 'too_large', () =>
      posted(Buffer.alloc(bytes, 0x61), {}, path),
    )
  return [
    huge(actionsPath, overActions),
    huge('/api/sms/send', tenMegabytes),
    huge('/api/sms/send', 1_048_577),
    huge(templatesPath, 1_048_577),
    ...webhooks.map((path) => huge(path, 5 * 1_048_576 + 1)),
    huge('/webhooks/sendgrid', tenMegabytes),
    huge('/webhooks/twilio-sms', overActions),
    invalid('10 MB of no JSON', () => posted(Buffer.alloc(tenMegabytes, 0x61)), ''),
    invalid('a 10 MB action', () => action('x'.repeat(tenMegabytes), {}), 'action'),
    invalid('a 10 MB text', () => action('sendSMS', { ...goodSms, body: 'x'.repeat(tenMegabytes) }), 'body'),
    invalid(
      '10 MB of unknown metadata',
      () => action('sendSMS', { ...goodSms, metadata: { a: 'x'.repeat(tenMegabytes) } }),
      'metadata',
    ),
    refused('26 MB without a token', 401, 'unauthorized', () =>
      posted(Buffer.alloc(overActions), { Authorization: '' }),
    ),
  ]
}
