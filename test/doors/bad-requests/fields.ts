import {
  action,
  type BadRequest,
  envelope,
  goodSms,
  invalid,
  posted,
  sendNames,
  wrong,
} from './bad-request.ts'

const file = { filename: 'a.pdf', content: 'SGk=', contentType: 'application/pdf' }

const step = { action: 'sendSMS', params: { to: '+33612345685', body: 'Hi' }, after: '1h', unless: 'read' }

/** A step with these fields instead; they come first, so that a test's name tells them. */
function but(fields: object): object {
  return { ...fields, ...Object.fromEntries(Object.entries(step).filter(([name]) => !(name in fields))) }
}

/** Steps that cannot be, and the field that is at fault. */
const escalations: [object[], string][] = [
  [[but({ action: undefined })], 'escalate.0.action'],
  [[but({ action: 'getMessage' })], 'escalate.0.action'],
  [[but({ action: 'constructor' })], 'escalate.0.action'],
  [[but({ after: '15' })], 'escalate.0.after'],
  [[but({ after: '0m' })], 'escalate.0.after'],
  [[but({ after: '8d' })], 'escalate.0.after'],
  [[but({ unless: 'sent' })], 'escalate.0.unless'],
  [[but({ params: { body: 'Hi' } })], 'escalate.0.params.to'],
  [
    [but({ params: { body: 'Hi', to: '+33612345685' } }), but({ params: { to: 'nobody', body: 'Hi' } })],
    'escalate.1.params.to',
  ],
  [[but({ params: { sendAt: '2026-01-31T09:00:00Z', ...step.params } })], 'escalate.0.params.sendAt'],
  [[but({ params: { tenantId: 't2', ...step.params } })], 'escalate.0.params.tenantId'],
  [[but({ params: { escalate: [step], ...step.params } })], 'escalate.0.params.escalate'],
  [Array(6).fill(step), 'escalate'],
]

export function fields(): BadRequest[] {
  const injections = ['\r\nBcc: x@example.com', '\r', '\n', '\u2028', '\u2029', '\u0000', '\u007f']
  return [
    ...injections.flatMap((injected) => [
      wrong('sendEmail', 'subject', `Hello${injected}`),
      wrong('sendEmail', 'from', `Max${injected} <max@example.com>`),
      wrong('sendEmail', 'replyTo', `max@example.com${injected}`),
      wrong('sendEmail', 'to', `anna@example.com${injected}`),
      wrong(
        'sendEmail',
        'attachments',
        [{ ...file, filename: `a${injected}.pdf` }],
        'attachments.0.filename',
      ),
      wrong(
        'sendEmail',
        'attachments',
        [{ ...file, contentType: `a/b${injected}` }],
        'attachments.0.contentType',
      ),
      wrong('sendSMS', 'leadId', `lead${injected}`),
    ]),
    ...[
      'anna@example.com, eve@example.com',
      'Anna <anna@example.com>, Eve <eve@example.com>',
      'eve@example.com, Anna <anna@example.com>',
      'Martin, Anna <anna@example.com>',
      'Anna, "Eve" <anna@example.com>',
      'Anna "Eve <anna@example.com>',
      'Anna <anna@example.com',
      '"Anna" <eve@example.com>, "Anna" <anna@example.com>',
      '"Anna\\" <anna@example.com>',
    ].flatMap((two) => [wrong('sendEmail', 'from', two), wrong('sendEmail', 'replyTo', two)]),
    ...sendNames.flatMap((send) => [
      wrong(send, 'body', ''),
      wrong(send, 'body', 'a\u0000b'),
      wrong(send, 'body', 'half a pair \ud800'),
      wrong(send, 'metadata', { note: 'a\u0000b' }),
      wrong(send, 'metadata', { note: '\udfff' }),
      wrong(send, 'metadata', { ['k'.repeat(101)]: 1 }, `metadata.${'k'.repeat(101)}`),
      wrong(send, 'metadata', { note: 'x'.repeat(16_384) }),
      ...escalations.map(([steps, path]) => wrong(send, 'escalate', steps, path)),
      wrong(send, 'provider', 'carrier-pigeon'),
      wrong(send, 'provider', 'constructor'),
      wrong(send, 'leadId', 'x'.repeat(101)),
      wrong(send, 'idempotencyKey', 'x'.repeat(256)),
      wrong(send, 'tenantId', ''),
      wrong(send, 'tenantID', 't1'),
      wrong(send, 'constructor', {}),
      wrong(send, 'toString', 'x'),
      ...[
        'soon',
        '2026-11-22',
        '2027-01-01T09:00:00',
        '2027-02-30T09:00:00Z',
        '0000-01-01T00:00:00Z',
      ].flatMap((time) => [wrong(send, 'sendAt', time), wrong(send, 'expiresAt', time)]),
      wrong(send, 'sendAt', '9999-12-31T23:59:59-23:59'),
      wrong(send, 'sendAt', '2999-01-01T00:00:00Z'),
    ]),
    wrong('sendSMS', 'body', 'x'.repeat(1_601)),
    wrong('sendSMS', 'provider', 'sendgrid'),
    wrong('sendSMS', 'subject', 'Hello'),
    wrong('sendWhatsApp', 'body', 'x'.repeat(20_001)),
    wrong('sendEmail', 'provider', 'twilio'),
    wrong('sendEmail', 'subject', ''),
    wrong('sendEmail', 'subject', 'x'.repeat(999)),
    wrong('sendEmail', 'from', 'Max <max@example.com>, Eve <eve@example.com>'),
    wrong('sendEmail', 'cc', Array(51).fill('a@example.com')),
    wrong('sendEmail', 'bcc', ['a@example.com', 'b@'], 'bcc.1'),
    wrong('sendEmail', 'tracking', { opens: true, pixels: true }, 'tracking.pixels'),
    wrong('sendEmail', 'tracking', 'aggregate'),
    ...[true, 'yes', { at: '2026-11-01T10:00:00Z' }, { how: 'form' }].map((consent) =>
      wrong(
        'sendEmail',
        'tracking',
        { opens: true, consent },
        typeof consent !== 'object'
          ? 'tracking.consent'
          : 'at' in consent
            ? 'tracking.consent.how'
            : 'tracking.consent.at',
      ),
    ),
    ...['yesterday', '2026-11-01', '2999-01-01T00:00:00Z'].map((at) =>
      wrong('sendEmail', 'tracking', { opens: true, consent: { at, how: 'form' } }, 'tracking.consent.at'),
    ),
    ...['', 'no base64!', 'SGk', 'SGk\n', '\n', 'SG\u00a0k=', '_-8='].map((content) =>
      wrong('sendEmail', 'attachments', [{ ...file, content }], 'attachments.0.content'),
    ),
    ...['', '..', '.', '../a.pdf', 'C:\\a.pdf', 'facture\u202efdp.exe', 'x'.repeat(256)].map((filename) =>
      wrong('sendEmail', 'attachments', [{ ...file, filename }], 'attachments.0.filename'),
    ),
    wrong('sendEmail', 'attachments', [file, { ...file, contentType: 'pdf' }], 'attachments.1.contentType'),
    wrong('sendEmail', 'attachments', [{ ...file, path: '/etc/passwd' }], 'attachments.0.path'),
    wrong('sendEmail', 'attachments', Array(101).fill(file)),
    invalid(
      'sendSMS that expires before it is sent',
      action('sendSMS', { ...goodSms, sendAt: inHours(2), expiresAt: inHours(1) }),
      'expiresAt',
    ),
    ...(['parentType', 'parentId'] as const).map((given) =>
      invalid(
        `sendSMS with ${given} alone`,
        action('sendSMS', { ...goodSms, [given]: 'x' }),
        given === 'parentType' ? 'parentId' : 'parentType',
      ),
    ),
    invalid('sendEmail without anything', action('sendEmail', {}), 'to', 'subject', 'body'),
    invalid('sendSMS without params', posted('{"action":"sendSMS"}'), 'to', 'body'),
    invalid(
      'sendWhatsApp with two excess fields',
      action('sendWhatsApp', { ...goodSms, a: 1, b: 2 }),
      'a',
      'b',
    ),
    invalid(
      'POST /api/sms/send in an envelope',
      posted(envelope(goodSms), {}, '/api/sms/send'),
      'to',
      'body',
      'action',
      'params',
    ),
  ]
}

function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString()
}
