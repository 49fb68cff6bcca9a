import { gzipSync } from 'node:zlib'
import type { Question } from './ask.ts'
import { jwt } from './tokens.ts'

/** A request that must be refused, and how. */
export interface BadRequest {
  /** What is wrong with it. */
  name: string
  question: Question | ((known: Known) => Question)
  status: number
  /** Our `error.code`. Undefined: Node's HTTP parser answers, before there is a request of ours. */
  code: string | undefined
  /** The fields that the answer must name, and no others. */
  paths?: string[]
}

/** What must be there before the bad requests come. */
export interface Known {
  /** The id of a message of tenant t2. */
  othersMessage: string
}

/** A key of tenant t1 that a good send has used. */
export const usedKey = 'used-before'
export const goodSms = { to: '+33612345685', body: 'Hi' }
export const goodEmail = { to: 'silent@example.com', subject: 'Hello', body: 'Hi' }

const t1 = jwt({ tenantId: 't1' })
const everyTenant = jwt({})
const json = { Authorization: `Bearer ${t1}`, 'Content-Type': 'application/json' }

const actionsPath = '/api/max/actions'
const sends = { sendEmail: goodEmail, sendSMS: goodSms, sendWhatsApp: goodSms }
const sendNames = ['sendEmail', 'sendSMS', 'sendWhatsApp'] as const

function posted(
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = actionsPath,
): Question {
  return { method: 'POST', path, headers: { ...json, ...headers }, body }
}

function action(name: string, params: unknown, headers: Record<string, string> = {}): Question {
  return posted(JSON.stringify({ action: name, params }), headers)
}

function asked(path: string, token = t1, method = 'GET'): Question {
  return { method, path, headers: { Authorization: `Bearer ${token}` } }
}

function invalid(name: string, question: BadRequest['question'], ...paths: string[]): BadRequest {
  return { name, question, status: 400, code: 'invalid_params', paths }
}

function refused(name: string, status: number, code: string, question: BadRequest['question']): BadRequest {
  return { name, question, status, code }
}

/** A send with one field that is wrong, which the answer must name. */
function wrong(send: keyof typeof sends, field: string, value: unknown, path = field): BadRequest {
  const shown = JSON.stringify(value)?.slice(0, 60)
  return invalid(`${send} with ${path} ${shown}`, action(send, { ...sends[send], [field]: value }), path)
}

const texts = ['tenantId', 'provider', 'parentType', 'parentId', 'leadId', 'sendAt', 'expiresAt']
const lists = ['cc', 'bcc', 'attachments']

/** Every field of every action with values of every other type. */
function wrongTypes(): BadRequest[] {
  const common = sendNames.flatMap((send) => [
    ...[...texts, 'idempotencyKey', 'to', 'body'].flatMap((field) =>
      [42, true, null, [], {}].map((value) => wrong(send, field, value)),
    ),
    ...['x', 42, true, null, {}].map((value) => wrong(send, 'escalate', value)),
    ...['x', 42, true, null, []].map((value) => wrong(send, 'metadata', value)),
  ])
  const email = [
    ...['subject', 'text', 'from', 'replyTo'].flatMap((field) =>
      [42, true, null, [], {}].map((value) => wrong('sendEmail', field, value)),
    ),
    ...lists.flatMap((field) => ['x', 42, true, null, {}].map((value) => wrong('sendEmail', field, value))),
    ...['x', 42, true, null, []].map((value) => wrong('sendEmail', 'tracking', value)),
    ...['x', 42, true, null, [], {}].map((value) => wrong('sendEmail', 'unsubscribe', value)),
    ...[42, null, ['x'], {}].map((value) => wrong('sendEmail', 'cc', [value], 'cc.0')),
    ...[42, null, 'x'].map((value) => wrong('sendEmail', 'attachments', [value], 'attachments.0')),
    ...['opens', 'clicks'].flatMap((flag) =>
      ['true', 1, null, []].map((value) =>
        wrong('sendEmail', 'tracking', { [flag]: value }, `tracking.${flag}`),
      ),
    ),
  ]
  const looks = [
    ...[42, true, null, [], {}].map((id) =>
      invalid(`getMessage ${JSON.stringify(id)}`, action('getMessage', { id }), 'id'),
    ),
    ...['leadId', 'to', 'status', 'channel', 'cursor', 'tenantId'].flatMap((field) =>
      [42, true, null, [], {}].map((value) =>
        invalid(
          `listMessages with ${field} ${JSON.stringify(value)}`,
          action('listMessages', { [field]: value }),
          field,
        ),
      ),
    ),
    ...['x', '', true, null, [], [5], {}, 0, -1, 1.5, 201, 1e9].map((limit) =>
      invalid(`listMessages with limit ${JSON.stringify(limit)}`, action('listMessages', { limit }), 'limit'),
    ),
  ]
  return [...common, ...email, ...looks]
}

const file = { filename: 'a.pdf', content: 'SGk=', contentType: 'application/pdf' }

function fields(): BadRequest[] {
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
    ...sendNames.flatMap((send) => [
      wrong(send, 'body', ''),
      wrong(send, 'body', 'a\u0000b'),
      wrong(send, 'body', 'half a pair \ud800'),
      wrong(send, 'metadata', { note: 'a\u0000b' }),
      wrong(send, 'metadata', { note: '\udfff' }),
      wrong(send, 'metadata', { ['k'.repeat(101)]: 1 }, `metadata.${'k'.repeat(101)}`),
      wrong(send, 'metadata', { note: 'x'.repeat(16_384) }),
      wrong(send, 'escalate', [{ after: '1h' }]),
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
      wrong(send, 'expiresAt', '2020-01-01T00:00:00Z'),
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
    ...['', 'no base64!', 'SGk', 'SGk=\n', '_-8='].map((content) =>
      wrong('sendEmail', 'attachments', [{ ...file, content }], 'attachments.0.content'),
    ),
    ...['', '../a.pdf', 'C:\\a.pdf', 'x'.repeat(256)].map((filename) =>
      wrong('sendEmail', 'attachments', [{ ...file, filename }], 'attachments.0.filename'),
    ),
    wrong('sendEmail', 'attachments', [file, { ...file, contentType: 'pdf' }], 'attachments.1.contentType'),
    wrong('sendEmail', 'attachments', [{ ...file, path: '/etc/passwd' }], 'attachments.0.path'),
    wrong('sendEmail', 'attachments', Array(51).fill(file)),
    invalid(
      'sendSMS that expires before it is sent',
      action('sendSMS', { ...goodSms, sendAt: inHours(2), expiresAt: inHours(1) }),
      'expiresAt',
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

function envelope(params: unknown): string {
  return JSON.stringify({ action: 'sendSMS', params })
}

function addresses(): BadRequest[] {
  const phones = [
    ...[
      '',
      ' ',
      '0',
      '+',
      '+33',
      '12',
      '+0612345678',
      '++33612345678',
      '+33612345678 ext. 5',
      '0612345678;0612345679',
    ],
    ...[
      '٠٦١٢٣٤٥٦٧٨',
      '+３３６１２３４５６７８',
      '+33６12345678',
      '\u202e+33612345678x',
      '+336123456789012345',
    ],
    ...['1'.repeat(300), '+33 6 12 34 56 7O', 'anna@example.com', "'; drop table messages; --", 'NaN'],
  ]
  const mails = [
    ...[
      '',
      ' ',
      '@',
      'anna',
      'anna@',
      '@example.com',
      'anna@localhost',
      'anna@@example.com',
      'anna@example..com',
    ],
    ...[
      'anna@example.com, eve@example.com',
      'Anna <anna@example.com>',
      '<anna@example.com>',
      'anna example@example.com',
    ],
    ...[
      'anna@exa mple.com',
      'anna@-example.com',
      '.anna@example.com',
      'anna..b@example.com',
      'anna@example.com.',
    ],
    ...[
      'аnna@example.com',
      'anna\u200f@example.com',
      'anna@example.com\u202e',
      'anna@１２７.0.0.1',
      'anna@[127.0.0.1]',
    ],
    ...[
      `${'a'.repeat(288)}@example.com`,
      `anna@${'a'.repeat(290)}.com`,
      'mailto:anna@example.com',
      '"anna"@example.com',
    ],
  ]
  return [
    ...phones.flatMap((to) => [wrong('sendSMS', 'to', to), wrong('sendWhatsApp', 'to', to)]),
    ...mails.flatMap((address) => [
      wrong('sendEmail', 'to', address),
      wrong('sendEmail', 'cc', ['anna@example.com', address], 'cc.1'),
    ]),
  ]
}

/** A JSON value within so many arrays. */
function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

function bodies(): BadRequest[] {
  const both = [actionsPath, '/api/sms/send'].flatMap((path) => [
    ...['{', 'hello', '{"action":', "{'action':'sendSMS'}", 'NaN', '{"a":1}{"b":2}', '\u0000'].map((body) =>
      invalid(`POST ${path} with no JSON: ${JSON.stringify(body)}`, posted(body, {}, path), ''),
    ),
    ...['null', '[]', '"sendSMS"', '42', 'true'].map((body) =>
      invalid(`POST ${path} with ${body}`, posted(body, {}, path), ''),
    ),
    invalid(`POST ${path} with 64 kB of nothing but bytes`, posted(Buffer.alloc(65_536, 0xfe), {}, path), ''),
    invalid(`POST ${path} nested 10,000 levels deep`, posted(nested(10_000), {}, path), ''),
    invalid(`POST ${path} nested 400,000 levels deep`, posted(nested(400_000), {}, path), ''),
    ...[
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
    ].map((type) =>
      invalid(`POST ${path} as ${type}`, posted(envelope(goodSms), { 'Content-Type': type }, path), ''),
    ),
    ...['gzip', 'deflate', 'br', 'gzip, gzip', 'nonsense'].map((encoding) =>
      refused(
        `POST ${path} encoded by ${encoding}`,
        415,
        'unsupported_encoding',
        posted(gzipSync(envelope(goodSms)), { 'Content-Encoding': encoding }, path),
      ),
    ),
    refused(
      `POST ${path} in Latin-1`,
      415,
      'unsupported_charset',
      posted(envelope(goodSms), { 'Content-Type': 'application/json; charset=iso-8859-1' }, path),
    ),
  ])
  return [
    ...both,
    invalid(
      'POST /api/sms/send without a body',
      { method: 'POST', path: '/api/sms/send', headers: json },
      'to',
      'body',
    ),
    invalid('an envelope without a body', { method: 'POST', path: actionsPath, headers: json }, 'action'),
    invalid('an envelope without an action', posted('{"params":{}}'), 'action'),
    invalid('an envelope whose action is a number', posted('{"action":42,"params":{}}'), 'action'),
    invalid('an envelope whose action is too long', action('x'.repeat(101), {}), 'action'),
    invalid(
      'an envelope with an excess field',
      posted('{"action":"sendSMS","params":{},"tenantId":"t1"}'),
      'tenantId',
    ),
    ...['[]', '"x"', '42', 'true'].map((params) =>
      invalid(
        `an envelope whose params are ${params}`,
        posted(`{"action":"sendSMS","params":${params}}`),
        '',
      ),
    ),
    invalid(
      'params nested 10,000 levels deep',
      posted(`{"action":"sendSMS","params":${nested(10_000)}}`),
      '',
    ),
    invalid(
      'metadata nested 10,000 levels deep',
      posted(
        `{"action":"sendSMS","params":{"to":"+33612345685","body":"Hi","metadata":{"a":${nested(10_000)}}}}`,
      ),
      '',
    ),
    invalid(
      'an envelope with __proto__',
      posted('{"action":"sendSMS","params":{},"__proto__":{"x":1}}'),
      '__proto__',
    ),
    invalid(
      'params within __proto__',
      posted(`{"action":"sendSMS","params":{"__proto__":${JSON.stringify(goodSms)}}}`),
      'to',
      'body',
      '__proto__',
    ),
    ...['{"__proto__":{"x":1}}', '{"a":[{"__proto__":1}]}'].map((metadata) =>
      invalid(
        `metadata ${metadata}`,
        posted(`{"action":"sendSMS","params":{"to":"+33612345685","body":"Hi","metadata":${metadata}}}`),
        'metadata',
      ),
    ),
    invalid(
      'params with a hundred unknown fields, of which fifty are named',
      action('listMessages', Object.fromEntries(unknownFields(100).map((name) => [name, 1]))),
      ...unknownFields(50),
    ),
    ...['sendFax', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'SENDSMS', '', 'sendSMS '].map(
      (name) => refused(`the action ${JSON.stringify(name)}`, 404, 'unknown_action', action(name, goodSms)),
    ),
  ]
}

function unknownFields(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `field${index}`)
}

const tenMegabytes = 10_000_000
const overActions = 26 * 1_048_576

function sizes(): BadRequest[] {
  const huge = (path: string, bytes: number) =>
    refused(`POST ${path} with ${bytes} bytes`, 413, 'too_large', () =>
      posted(Buffer.alloc(bytes, 0x61), {}, path),
    )
  return [
    huge(actionsPath, overActions),
    huge('/api/sms/send', tenMegabytes),
    huge('/api/sms/send', 1_048_577),
    ...webhooks.map((path) => huge(path, tenMegabytes)),
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

function tokens(): BadRequest[] {
  const [head = '', claims = '', signature = ''] = t1.split('.')
  const now = Math.floor(Date.now() / 1_000)
  const others = Buffer.from('{"tenantId":"t2"}').toString('base64url')
  const headers: [string, string][] = [
    ['an empty Authorization', ''],
    ['Bearer and no token', 'Bearer'],
    ['Bearer and a blank', 'Bearer '],
    ['a token without Bearer', t1],
    ['Basic', `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['two tokens', `Bearer ${t1} ${t1}`],
    ['a token that is none', 'Bearer nonsense'],
    ['a token of two dots', 'Bearer ..'],
    ['a token whose signature is cut off', `Bearer ${head}.${claims}.`],
    ['a truncated token', `Bearer ${t1.slice(0, -5)}`],
    ['a token with other claims', `Bearer ${head}.${others}.${signature}`],
    ['a token longer than any', `Bearer ${head}.${'A'.repeat(8_000)}.${signature}`],
    ['an expired token', `Bearer ${jwt({ tenantId: 't1', exp: now - 60 })}`],
    ['a token of tomorrow', `Bearer ${jwt({ tenantId: 't1', nbf: now + 3_600 })}`],
    [
      'a token by another key',
      `Bearer ${jwt({ tenantId: 't1' }, { secret: 'another-secret-another-secret-0123' })}`,
    ],
    ['a token by an empty key', `Bearer ${jwt({ tenantId: 't1' }, { secret: '' })}`],
    ['a token by alg none', `Bearer ${jwt({ tenantId: 't1' }, { alg: 'none' })}`],
    [
      'a token by alg None and the true signature',
      `Bearer ${jwt({ tenantId: 't1' }, { header: { alg: 'None' } })}`,
    ],
    ['a token by HS512', `Bearer ${jwt({ tenantId: 't1' }, { alg: 'HS512' })}`],
    ['a token that calls itself RS256', `Bearer ${jwt({ tenantId: 't1' }, { header: { alg: 'RS256' } })}`],
    [
      'a token with a critical extension',
      `Bearer ${jwt({ tenantId: 't1' }, { header: { crit: ['b64'], b64: false } })}`,
    ],
    ['a token whose tenant is a number', `Bearer ${jwt({ tenantId: 1 })}`],
    ['a token whose tenant is null', `Bearer ${jwt({ tenantId: null })}`],
    ['a token whose tenant is empty', `Bearer ${jwt({ tenantId: '' })}`],
    ['a token whose scope is a list', `Bearer ${jwt({ scope: ['ops'] })}`],
    ['a token whose exp is a word', `Bearer ${jwt({ exp: 'never' })}`],
  ]
  return [
    refused('no Authorization', 401, 'unauthorized', { method: 'GET', path: '/api/messages' }),
    refused('no Authorization at an unknown address', 401, 'unauthorized', {
      method: 'GET',
      path: '/api/nowhere',
    }),
    refused('a token in the query', 401, 'unauthorized', {
      method: 'GET',
      path: `/api/messages?token=${t1}`,
    }),
    refused('no Authorization and no JSON', 401, 'unauthorized', posted('{', { Authorization: '' })),
    ...headers.flatMap(([name, Authorization]) => [
      refused(name, 401, 'unauthorized', {
        method: 'GET',
        path: '/api/messages',
        headers: { Authorization },
      }),
      refused(`${name}, for a send`, 401, 'unauthorized', action('sendSMS', goodSms, { Authorization })),
    ]),
  ]
}

function tenants(): BadRequest[] {
  const bearer = { Authorization: `Bearer ${everyTenant}` }
  return [
    ...sendNames.flatMap((send) => [
      refused(
        `${send} for another tenant`,
        403,
        'forbidden',
        action(send, { ...sends[send], tenantId: 't2' }),
      ),
      invalid(`${send} for no tenant`, action(send, sends[send], bearer), 'tenantId'),
    ]),
    refused('listMessages of another tenant', 403, 'forbidden', action('listMessages', { tenantId: 't2' })),
    refused('GET /api/messages of another tenant', 403, 'forbidden', asked('/api/messages?tenantId=t2')),
    refused('GET /api/stats of another tenant', 403, 'forbidden', asked('/api/stats?tenantId=t2')),
    refused('the quarantine without ops', 403, 'forbidden', asked('/api/events?quarantined=1', everyTenant)),
    refused(
      'the quarantine as a tenant',
      403,
      'forbidden',
      asked('/api/events?quarantined=1', jwt({ tenantId: 't1', scope: 'ops' })),
    ),
    refused("GET another tenant's message", 404, 'not_found', ({ othersMessage }) =>
      asked(`/api/messages/${othersMessage}`),
    ),
    refused("getMessage of another tenant's", 404, 'not_found', ({ othersMessage }) =>
      action('getMessage', { id: othersMessage }),
    ),
    refused("another tenant's message cancelled", 404, 'not_found', ({ othersMessage }) =>
      asked(`/api/messages/${othersMessage}/cancel`, t1, 'POST'),
    ),
    refused(
      'a message that is not there',
      404,
      'not_found',
      asked('/api/messages/00000000-0000-4000-8000-000000000000'),
    ),
  ]
}

function keys(): BadRequest[] {
  return [
    ...sendNames.map((send) =>
      invalid(
        `${send} with two different keys`,
        action(send, { ...sends[send], idempotencyKey: 'a' }, { 'Idempotency-Key': 'b' }),
        'idempotencyKey',
      ),
    ),
    invalid(
      'an empty Idempotency-Key',
      action('sendSMS', goodSms, { 'Idempotency-Key': '' }),
      'idempotencyKey',
    ),
    invalid(
      'an Idempotency-Key of 256',
      action('sendSMS', goodSms, { 'Idempotency-Key': 'x'.repeat(256) }),
      'idempotencyKey',
    ),
    refused(
      'the same key for another text',
      409,
      'idempotency_conflict',
      action('sendSMS', { ...goodSms, body: 'Ho', idempotencyKey: usedKey }),
    ),
    refused(
      'the same key for another channel',
      409,
      'idempotency_conflict',
      action('sendWhatsApp', goodSms, { 'Idempotency-Key': usedKey }),
    ),
    refused(
      'the same key for another field',
      409,
      'idempotency_conflict',
      action('sendSMS', { ...goodSms, leadId: 'l', idempotencyKey: usedKey }),
    ),
  ]
}

function queries(): BadRequest[] {
  const cursor = (text: string) => Buffer.from(text).toString('base64url')
  const id = '11111111-1111-4111-8111-111111111111'
  const wrongly = (path: string, query: string, ...paths: string[]) =>
    invalid(`GET ${path}?${query.slice(0, 80)}`, asked(`${path}?${query}`), ...paths)
  return [
    ...[
      '0',
      '-1',
      '1e9',
      '1000000000',
      'NaN',
      'Infinity',
      '',
      '1.5',
      '0x10',
      '201',
      '5&limit=6',
      '%zz',
      ' 5',
    ].flatMap((limit) => [
      wrongly('/api/messages', `limit=${limit}`, 'limit'),
      wrongly('/api/events', `limit=${limit}`, 'limit'),
    ]),
    ...['status=lost', 'status=', 'status=sent&status=read', 'status=SENT', 'status=constructor'].map(
      (query) => wrongly('/api/messages', query, 'status'),
    ),
    ...['channel=fax', 'channel=sms&channel=email'].flatMap((query) => [
      wrongly('/api/messages', query, 'channel'),
      wrongly('/api/stats', query, 'channel'),
    ]),
    ...[
      ...[
        'nonsense',
        '',
        '%00',
        cursor('nonsense'),
        cursor(`0000-01-01T00:00:00+00:00 ${id}`),
        'A'.repeat(201),
      ],
      ...[
        cursor(`2026-01-01T00:00:00+23:59 ${id}`),
        cursor(`2026-01-01T00:00:00+00:00 1`),
        cursor(`2026-02-31T00:00:00+00:00 ${id}`),
      ],
      ...[
        cursor(`2026-01-01T00:00:00.${'1'.repeat(80)}Z ${id}`),
        cursor(`infinity ${id}`),
        cursor(id),
        'a&cursor=b',
      ],
    ].map((value) => wrongly('/api/messages', `cursor=${value}`, 'cursor')),
    ...['0', '-1', 'x', '1e3', '9999999999999999999', '1&cursor=2'].map((value) =>
      wrongly('/api/events', `cursor=${value}`, 'cursor'),
    ),
    ...['leadId=', 'leadId=%00', `leadId=${'x'.repeat(101)}`, 'leadId=a&leadId=b'].map((query) =>
      wrongly('/api/messages', query, 'leadId'),
    ),
    ...['to=', 'to=a%0d%0ab', `to=${'1'.repeat(300)}`, 'to=a&to=b'].map((query) =>
      wrongly('/api/messages', query, 'to'),
    ),
    ...['__proto__', 'constructor', 'toString', 'unknown', 'leadId[a]'].flatMap((name) =>
      ['/api/messages', '/api/stats', '/api/events', `/api/messages/${id}`].map((path) =>
        wrongly(path, `${name}=1`, name),
      ),
    ),
    ...['2', 'yes', '1&raw=1', ''].map((value) => wrongly(`/api/messages/${id}`, `raw=${value}`, 'raw')),
    ...['maybe', ''].map((value) => wrongly('/api/events', `unmatched=${value}`, 'unmatched')),
    ...[
      'yesterday',
      '2026-01-01',
      '0000-01-01T00:00:00Z',
      '2999-01-01T00:00:00Z',
      '2020-01-01T00:00:00Z&from=x',
    ].map((from) => wrongly('/api/stats', `from=${from}`, 'from')),
    wrongly('/api/stats', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'),
    wrongly('/api/stats', 'to=9999-12-31T23:59:59-23:59', 'to'),
    ...[
      'x',
      '1',
      `${id}0`,
      '__proto__',
      'x'.repeat(4_000),
      '%00',
      '..%2f..%2fetc%2fpasswd',
      "'%20or%201=1",
      '%F0%9F%98%80',
    ].flatMap((wrongId) => [
      invalid(`GET /api/messages/${wrongId.slice(0, 40)}`, asked(`/api/messages/${wrongId}`), 'id'),
      invalid(
        `POST /api/messages/${wrongId.slice(0, 40)}/cancel`,
        asked(`/api/messages/${wrongId}/cancel`, t1, 'POST'),
        'id',
      ),
    ]),
    ...['%', '%E0%A4%A', '%zz', '%ff'].flatMap((escaped) => [
      refused(`GET /api/messages/${escaped}`, 400, 'invalid_address', asked(`/api/messages/${escaped}`)),
      refused(
        `POST /api/messages/${escaped}/cancel`,
        400,
        'invalid_address',
        asked(`/api/messages/${escaped}/cancel`, t1, 'POST'),
      ),
    ]),
  ]
}

function methods(): BadRequest[] {
  return [
    ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) =>
      refused(`${method} ${actionsPath}`, 404, 'not_found', asked(actionsPath, t1, method)),
    ),
    ...['POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) =>
      ['/api/messages', '/api/stats', '/api/events'].map((path) =>
        refused(`${method} ${path}`, 404, 'not_found', asked(path, t1, method)),
      ),
    ),
    ...['GET', 'PUT', 'DELETE'].map((method) =>
      refused(`${method} /api/sms/send`, 404, 'not_found', asked('/api/sms/send', t1, method)),
    ),
    ...[
      '/',
      '/api',
      '/api/',
      '/nowhere',
      '/webhooks',
      '/webhooks/constructor',
      '/.env',
      '/api/max/actions/x',
      '//api/messages',
    ].map((path) => refused(`GET ${path}`, 404, 'not_found', asked(path))),
    refused('TRACE', 404, 'not_found', { raw: request('TRACE / HTTP/1.1') }),
    refused('PROPFIND', 404, 'not_found', { raw: request('PROPFIND / HTTP/1.1') }),
  ]
}

const webhooks = [
  ...['/webhooks/sendgrid', '/api/webhooks/email/sendgrid', '/webhooks/resend', '/api/webhooks/email/resend'],
  ...['/webhooks/twilio-whatsapp', '/webhooks/twilio-sms', '/webhooks/twilio', '/api/whatsapp/incoming'],
  '/webhooks/greenapi',
]

/** Headers that look like a proof and are none. */
const guessed: Record<string, string> = {
  'X-Twilio-Signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  'X-Twilio-Email-Event-Webhook-Signature': 'MEUCIQDguessed',
  'X-Twilio-Email-Event-Webhook-Timestamp': String(Math.floor(Date.now() / 1_000)),
  'svix-id': 'msg_1',
  'svix-timestamp': String(Math.floor(Date.now() / 1_000)),
  'svix-signature': 'v1,AAAA v2,BBBB nonsense',
  Authorization: 'Bearer guessed',
}

function doors(): BadRequest[] {
  const item = '[{"event":"delivered","email":"a@example.com","sg_event_id":"x"}]'
  const type = { 'Content-Type': 'application/json' }
  return webhooks.flatMap((path) => {
    const unproven = (
      name: string,
      body: string | Buffer<ArrayBuffer>,
      headers: Record<string, string> = {},
    ) =>
      refused(`${path} ${name}`, 403, 'not_proven', {
        method: 'POST',
        path,
        headers: { ...type, ...headers },
        body,
      })
    return [
      unproven('unsigned', item),
      unproven('empty', ''),
      unproven('binary', Buffer.alloc(10_000, 0xfe), { 'Content-Type': 'application/octet-stream' }),
      unproven('with a guessed signature', item, guessed),
      unproven('empty with a guessed signature', '', guessed),
      unproven('binary with a guessed signature', Buffer.alloc(10_000, 0xfe), guessed),
      unproven('with our own token', item, { Authorization: `Bearer ${t1}` }),
      unproven('as a form', 'MessageSid=SM1&MessageStatus=delivered', {
        ...guessed,
        'Content-Type': 'application/x-www-form-urlencoded',
      }),
      unproven('nested 10,000 levels deep', nested(10_000), guessed),
      unproven('with signatures of nonsense', item, {
        'X-Twilio-Signature': 'é'.repeat(500),
        'X-Twilio-Email-Event-Webhook-Signature': '%%%',
        'X-Twilio-Email-Event-Webhook-Timestamp': 'NaN',
        'svix-id': 'é',
        'svix-timestamp': '-1e999',
        'svix-signature': ','.repeat(500),
        Authorization: 'Bearer '.repeat(100),
      }),
      refused(`${path} asked by GET`, 403, 'not_proven', { method: 'GET', path: `${path}?MessageSid=SM1` }),
      refused(`${path} compressed`, 415, 'unsupported_encoding', {
        method: 'POST',
        path,
        headers: { ...type, ...guessed, 'Content-Encoding': 'gzip' },
        body: gzipSync(item),
      }),
    ]
  })
}

/** A whole request as text. The connection is to be closed, so that its end is the end of the answer. */
function request(line: string, headers: string[] = [], body = ''): string {
  return [line, 'Host: localhost', 'Connection: close', ...headers, '', body].join('\r\n')
}

function rawRequests(): BadRequest[] {
  const bearer = `Authorization: Bearer ${t1}`
  const post = `POST ${actionsPath} HTTP/1.1`
  const isJson = 'Content-Type: application/json'
  const node = (name: string, status: number, raw: string | Buffer): BadRequest => ({
    name,
    question: { raw },
    status,
    code: undefined,
  })
  return [
    refused('a webhook by a whole URL', 400, 'invalid_address', {
      raw: request('POST http://evil.example/webhooks/sendgrid HTTP/1.1', ['Content-Length: 2'], '{}'),
    }),
    refused('a whole URL without a token', 401, 'unauthorized', {
      raw: request('GET http://evil.example/api/messages HTTP/1.1'),
    }),
    ...['http://[', 'http://a:99999/health', 'http://a:b/health', '*', '//['].map((target) =>
      refused(`the target ${target}`, 404, 'not_found', { raw: request(`OPTIONS ${target} HTTP/1.1`) }),
    ),
    node('a path of bytes', 400, request('GET /\xff\xfe HTTP/1.1')),
    invalid(
      'a body in UTF-8 that is none',
      { raw: request(post, [bearer, isJson, 'Content-Length: 2'], '\xc3\x28') },
      '',
    ),
    invalid(
      'an empty chunked body',
      { raw: request(post, [bearer, isJson, 'Transfer-Encoding: chunked'], '0\r\n\r\n') },
      'action',
    ),
    refused('chunks beyond the limit', 413, 'too_large', () => ({
      raw: request(
        'POST /api/sms/send HTTP/1.1',
        [bearer, isJson, 'Transfer-Encoding: chunked'],
        `${'10000\r\n'.concat('a'.repeat(65_536), '\r\n').repeat(17)}0\r\n\r\n`,
      ),
    })),
    refused('two tokens in two headers, the first a false one', 401, 'unauthorized', {
      raw: request('GET /api/messages HTTP/1.1', ['Authorization: Bearer x', bearer]),
    }),
    node('no HTTP', 400, 'hello\r\n\r\n'),
    node('TLS', 400, Buffer.from('16030100a5010000a10303', 'hex')),
    node('HTTP/9.9', 400, request('GET /health HTTP/9.9')),
    node('no Host', 400, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'),
    node('a target without a slash', 400, request('GET health HTTP/1.1')),
    node('a Content-Length of letters', 400, request(post, [bearer, isJson, 'Content-Length: abc'], '{}')),
    node('a negative Content-Length', 400, request(post, [bearer, isJson, 'Content-Length: -1'], '{}')),
    node(
      'two Content-Lengths',
      400,
      request(post, [bearer, isJson, 'Content-Length: 2', 'Content-Length: 3'], '{}'),
    ),
    node(
      'a length and chunks',
      400,
      request(post, [bearer, isJson, 'Content-Length: 2', 'Transfer-Encoding: chunked'], '{}'),
    ),
    node('a header without a name', 400, request('GET /health HTTP/1.1', [': x'])),
    node('a header with a NUL', 400, request('GET /health HTTP/1.1', ['X-Request-Id: a\u0000b'])),
    node('a header line of its own', 400, request('GET /health HTTP/1.1', ['nonsense'])),
    node('a header of 20 kB', 431, request('GET /health HTTP/1.1', [`X-A: ${'a'.repeat(20_000)}`])),
    node('an expectation', 417, request('GET /health HTTP/1.1', ['Expect: the impossible'])),
  ]
}

/** Everything that strangers, mistakes and attackers send, each with the answer it must get. */
export const badRequests: readonly BadRequest[] = [
  ...wrongTypes(),
  ...fields(),
  ...addresses(),
  ...bodies(),
  ...sizes(),
  ...tokens(),
  ...tenants(),
  ...keys(),
  ...queries(),
  ...methods(),
  ...doors(),
  ...rawRequests(),
]
