import { asked, type BadRequest, invalid, refused, t1 } from './bad-request.ts'

export function queries(): BadRequest[] {
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
