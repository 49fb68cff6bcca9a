import { jwt } from '../jwt.ts'
import { action, type BadRequest, goodSms, posted, refused, t1 } from './bad-request.ts'

export function tokens(): BadRequest[] {
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
    ['a token whose scope is a list', `Bearer ${jwt({ tenants: 'all', scope: ['ops'] })}`],
    ['a token whose exp is a word', `Bearer ${jwt({ tenants: 'all', exp: 'never' })}`],
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
