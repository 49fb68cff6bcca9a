import { gzipSync } from 'node:zlib'
import {
  action,
  actionsPath,
  type BadRequest,
  envelope,
  goodSms,
  invalid,
  json,
  nested,
  posted,
  refused,
} from './bad-request.ts'

export function bodies(): BadRequest[] {
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
