import { createHmac } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accessOf, createAccessOf, keptSecret, olderTokensUntil, signToken } from '#src/api/token.ts'

const secret = 'current-secret-0123456789-abcdefghij'
const old = 'old-secret-0123456789-abcdefghijklmn'

const aud = 'max-comms'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const later = () => Math.floor(Date.now() / 1_000) + 3_600

/** A token put together by hand, as a stranger would. */
function token(header: unknown, claims: unknown, key: string, hash = 'sha256'): string {
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`
}

const refused = { code: 'unauthorized', status: 401 }

test('a token opens what it names, and no more', async () => {
  expect(await accessOf(await signToken(secret, { tenantId: 't1', expires: '1h' }), [secret])).toEqual({
    tenantId: 't1',
    ops: false,
    older: false,
    until: expect.any(Date),
  })
  expect(await accessOf(await signToken(secret, { ops: true, expires: '30d' }), [secret])).toEqual({
    tenantId: undefined,
    ops: true,
    older: false,
    until: expect.any(Date),
  })
})

test('a token says who holds it, and a name that cannot be kept is nobody’s', async () => {
  const named = await signToken(secret, { tenantId: 't1', name: 'Claire, support', expires: '1h' })
  expect((await accessOf(named, [secret])).bearer).toBe('Claire, support')
  for (const sub of ['', 'a'.repeat(101), 'a\u0000', 7]) {
    const odd = token({ alg: 'HS256' }, { aud, tenantId: 't1', sub, exp: later() }, secret)
    expect(await accessOf(odd, [secret])).toMatchObject({ tenantId: 't1', bearer: undefined })
  }
})

test('a token put together by the book is as good as ours', async () => {
  const byHand = token(
    { alg: 'HS256', typ: 'JWT' },
    { aud, tenantId: 't1', scope: 'read ops', exp: later() },
    secret,
  )
  expect(await accessOf(byHand, [secret])).toMatchObject({ tenantId: 't1', ops: true, older: false })
})

test('a token whose end no calendar has opens, and has an end', async () => {
  const endless = token({ alg: 'HS256' }, { aud, tenantId: 't1', exp: 1e300 }, secret)
  const { until } = await accessOf(endless, [secret])
  expect(until.getTime()).toBeGreaterThan(Date.now() + 1e15)
})

test('an expired token is refused, and told so', async () => {
  await expect(accessOf(await signToken(secret, { expires: '-1s' }), [secret])).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('expired'),
  })
})

test('an expired token of another secret is not told that it has expired', async () => {
  await expect(accessOf(await signToken(old, { expires: '-1s' }), [secret])).rejects.toMatchObject({
    ...refused,
    message: expect.not.stringContaining('expired'),
  })
})

test.each([
  ['of another secret', () => token({ alg: 'HS256' }, { aud, tenantId: 't1', exp: later() }, old)],
  ['with alg none', () => `${part({ alg: 'none' })}.${part({ aud, tenantId: 't1', exp: later() })}.`],
  [
    'with alg none and a signature',
    () => token({ alg: 'none' }, { aud, tenantId: 't1', exp: later() }, secret),
  ],
  ['with alg None', () => token({ alg: 'None' }, { aud, tenantId: 't1', exp: later() }, secret)],
  [
    'with another HMAC',
    () => token({ alg: 'HS512' }, { aud, tenantId: 't1', exp: later() }, secret, 'sha512'),
  ],
  ['with an asymmetric alg', () => token({ alg: 'RS256' }, { aud, tenantId: 't1', exp: later() }, secret)],
  ['without alg', () => token({ typ: 'JWT' }, { aud, tenantId: 't1', exp: later() }, secret)],
  [
    'not yet valid',
    () => token({ alg: 'HS256' }, { aud, tenantId: 't1', exp: later(), nbf: later() }, secret),
  ],
  ['without an end', () => token({ alg: 'HS256' }, { aud, tenantId: 't1' }, secret)],
  ['for another server', () => token({ alg: 'HS256' }, { aud: 'crm', tenantId: 't1', exp: later() }, secret)],
  ['that names neither a tenant nor all', () => token({ alg: 'HS256' }, { aud, exp: later() }, secret)],
  [
    'that names both',
    () => token({ alg: 'HS256' }, { aud, tenantId: 't1', tenants: 'all', exp: later() }, secret),
  ],
  ['for more than all', () => token({ alg: 'HS256' }, { aud, tenants: ['t1', 't2'], exp: later() }, secret)],
  [
    'that is Supabase’s',
    () => token({ alg: 'HS256' }, { iss: 'supabase', ref: 'abc', role: 'anon', exp: later() }, secret),
  ],
  [
    'with a role',
    () => token({ alg: 'HS256' }, { aud, tenants: 'all', role: 'service_role', exp: later() }, secret),
  ],
  [
    'with a tenant as long as a letter',
    () => token({ alg: 'HS256' }, { aud, tenantId: 't'.repeat(101), exp: later() }, secret),
  ],
  [
    'with a tenant that is not a text',
    () => token({ alg: 'HS256' }, { aud, tenantId: 7, exp: later() }, secret),
  ],
  ['with an empty tenant', () => token({ alg: 'HS256' }, { aud, tenantId: '', exp: later() }, secret)],
  ['with a tenant of null', () => token({ alg: 'HS256' }, { aud, tenantId: null, exp: later() }, secret)],
  [
    'with a scope that is a list',
    () => token({ alg: 'HS256' }, { aud, tenantId: 't1', scope: ['ops'], exp: later() }, secret),
  ],
  ['that is not a token', () => 'a.b.c'],
  ['that is empty', () => ''],
])('a token %s is refused', async (_what, forged) => {
  await expect(accessOf(forged(), [secret])).rejects.toMatchObject(refused)
})

test('a token whose claims were changed is refused', async () => {
  const [header, , signature] = (await signToken(secret, { tenantId: 't1', expires: '1h' })).split('.')
  const forged = `${header}.${part({ tenantId: 't2', exp: later() })}.${signature}`
  await expect(accessOf(forged, [secret])).rejects.toMatchObject(refused)
})

test('during a rotation the old secret’s tokens still open, after it they do not', async () => {
  const before = await signToken(old, { tenantId: 't1', expires: '1h' })
  expect(await accessOf(before, [secret, old])).toMatchObject({ tenantId: 't1' })
  await expect(accessOf(before, [secret])).rejects.toMatchObject(refused)
})

test('without any secret nothing opens', async () => {
  await expect(accessOf(await signToken(secret, { expires: '1h' }), [])).rejects.toMatchObject(refused)
})

test('a token of before, without an audience, opens until the date that the code names', async () => {
  const exp = olderTokensUntil.getTime() / 1_000 + 3_600
  const before = () => new Date(olderTokensUntil.getTime() - 1)
  const ofTenant = token({ alg: 'HS256' }, { tenantId: 't1', exp }, secret)
  const ofAll = token({ alg: 'HS256' }, { scope: 'ops', exp }, secret)
  expect(await accessOf(ofTenant, [secret], before)).toMatchObject({
    tenantId: 't1',
    ops: false,
    older: true,
  })
  expect(await accessOf(ofAll, [secret], before)).toMatchObject({
    tenantId: undefined,
    ops: true,
    older: true,
  })
  for (const older of [ofTenant, ofAll])
    await expect(accessOf(older, [secret], () => olderTokensUntil)).rejects.toMatchObject(refused)
})

test('the refusal names neither the token nor the secret', async () => {
  const forged = token({ alg: 'HS256' }, { tenantId: 't1', exp: later() }, old)
  const error: unknown = await accessOf(forged, [secret]).catch((reason) => reason)
  expect(String(error)).not.toContain(forged)
  expect(String(error)).not.toContain(secret)
})

test('the kept secret is made once and readable by its owner only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'max-comms-'))
  const dataDir = join(folder, 'new', 'data')
  const made = keptSecret(dataDir)
  expect(made).toMatch(/^[0-9a-f]{64}$/)
  expect(keptSecret(dataDir)).toBe(made)
  expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o077).toBe(0)
  await rm(folder, { recursive: true })
})

test('a token that was proven opens until its end and not after, one of an older form until those are refused', async () => {
  let now = new Date()
  const remembering = createAccessOf([secret], () => now)
  const ordinary = await signToken(secret, { tenantId: 't1', expires: '1h' })
  const older = token({ alg: 'HS256' }, { tenantId: 't1', exp: olderTokensUntil.getTime() }, secret)
  for (const one of [ordinary, older, ordinary, older])
    expect(await remembering(one)).toMatchObject({ tenantId: 't1' })
  now = new Date(now.getTime() + 3_601_000)
  await expect(remembering(ordinary)).rejects.toMatchObject(refused)
  expect(await remembering(older)).toMatchObject({ older: true })
  now = olderTokensUntil
  await expect(remembering(older)).rejects.toMatchObject(refused)
})

test('a token is taken for no other, however many were proven before', async () => {
  const remembering = createAccessOf([secret])
  const forged = token({ alg: 'HS256' }, { aud, tenantId: 't0', exp: later() }, old)
  for (let number = 0; number < 150; number++) {
    const own = token({ alg: 'HS256' }, { aud, tenantId: `t${number}`, exp: later() }, secret)
    for (const _twice of [1, 2]) expect(await remembering(own)).toMatchObject({ tenantId: `t${number}` })
    await expect(remembering(forged)).rejects.toMatchObject(refused)
  }
})
