import {
  action,
  actionsPath,
  type BadRequest,
  goodEmail,
  goodSms,
  invalid,
  posted,
  refused,
  sendNames,
  sends,
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
    refused('10 MB of no JSON', 413, 'too_large', () => posted(Buffer.alloc(tenMegabytes, 0x61))),
    refused('a 3 MB text', 413, 'too_large', () =>
      action('sendEmail', { ...goodEmail, body: 'é '.repeat(1_500_000) }),
    ),
    invalid(
      'a text of 2,000,001 characters',
      () => action('sendEmail', { ...goodEmail, body: ' '.repeat(2_000_001) }),
      'body',
    ),
    refused('a 10 MB action', 413, 'too_large', () => action('x'.repeat(tenMegabytes), {})),
    refused('11 MB of text', 413, 'too_large', () =>
      action('sendEmail', { ...goodEmail, body: 'x'.repeat(1.1 * tenMegabytes) }),
    ),
    refused('10 MB of metadata', 413, 'too_large', () =>
      action('sendEmail', { ...goodEmail, metadata: { a: 'x'.repeat(tenMegabytes) } }),
    ),
    invalid(
      '10 MB of metadata that is called content',
      () => action('sendEmail', { ...goodEmail, metadata: { content: 'x'.repeat(tenMegabytes) } }),
      'metadata',
    ),
    invalid(
      '10 MB of a field that is called content',
      () => action('sendEmail', { ...goodEmail, content: 'x'.repeat(tenMegabytes) }),
      'content',
    ),
    refused('a 10 MB SMS', 413, 'too_large', () =>
      action('sendSMS', { ...goodSms, body: 'x'.repeat(tenMegabytes) }),
    ),
    refused('a 10 MB question', 413, 'too_large', () =>
      action('getMessage', { id: 'x'.repeat(tenMegabytes) }),
    ),
    invalid('23 MB of unknown keys', () => posted(`{${'"k":1,'.repeat(4_000_000)}"k":1}`), ''),
    invalid(
      '23 MB of values',
      () => posted(`{"action":"sendEmail","params":[${'0,'.repeat(12_000_000)}0]}`),
      '',
    ),
    ...sendNames.map((send) =>
      invalid(
        `${send} with 20,000 values`,
        () => action(send, { ...sends[send], x: Array(20_000).fill(0) }),
        '',
      ),
    ),
    refused('26 MB without a token', 401, 'unauthorized', () =>
      posted(Buffer.alloc(overActions), { Authorization: '' }),
    ),
  ]
}
