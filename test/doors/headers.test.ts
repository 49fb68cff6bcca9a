import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uuid } from '#support/forms.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({
    environment: { CORS_ORIGINS: 'https://crm.example, https://grafana.example' },
  })
})
afterAll(() => world.stop())

describe('every answer', () => {
  test.each([
    '/health',
    '/health/ready',
    '/api/messages',
    '/api/messages/x',
    '/nowhere',
    '/webhooks/sendgrid',
  ])('of %s has a request id and the security headers', async (path) => {
    const { headers } = await world.call('GET', path)
    expect(headers.get('x-request-id')).toMatch(uuid)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('strict-transport-security')).toContain('max-age=')
    expect(headers.get('x-powered-by')).toBe(null)
    expect(headers.get('access-control-allow-origin')).toBe(null)
  })

  test.each(['crm-42', 'A', '0f9c:1.2_3-4', 'x'.repeat(100)])('keeps the request id %s', async (id) => {
    const { headers } = await world.call('GET', '/api/messages/x', undefined, { 'X-Request-Id': id })
    expect(headers.get('x-request-id')).toBe(id)
  })

  test.each(['', 'x'.repeat(101), 'a b', '<script>', 'é', '{"a":1}', 'a,b'])(
    'has an id of its own in place of %j',
    async (id) => {
      const { headers } = await world.call('GET', '/health', undefined, { 'X-Request-Id': id })
      expect(headers.get('x-request-id')).toMatch(uuid)
    },
  )
})

test.each([
  '/WEBHOOKS/greenapi',
  '/webhooks/GREENAPI',
  '/webhooks/greenapi/',
  '/API/messages',
  '/api/Messages',
  '/api/messages/',
  '/METRICS',
  '/health/',
])('%s is no door: the proxy’s limits know the exact path only', async (path) => {
  const { status } = await world.call('POST', path, { typeWebhook: 'x' })
  expect(status).toBe(404)
  expect((await world.call('GET', path)).status).toBe(404)
})

test.each([
  ['GET', '/api/messages', 200],
  ['GET', '/api/messages/0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e', 404],
  ['POST', '/api/max/actions', 400],
])('no cache keeps what %s %s tells (%i)', async (method, path, status) => {
  const told = await world.call(
    method,
    path,
    method === 'POST' ? { action: 'sendSMS', params: {} } : undefined,
  )
  expect(told.status).toBe(status)
  expect(told.headers.get('cache-control')).toBe('no-store')
})

test('no cache keeps a refusal either', async () => {
  const told = await world.call('GET', '/api/messages', undefined, { Authorization: 'Bearer x' })
  expect(told.status).toBe(401)
  expect(told.headers.get('cache-control')).toBe('no-store')
})

test('a known origin may ask, another may not', async () => {
  const preflight = (origin: string) =>
    fetch(`${world.url}/api/max/actions`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
      },
    })
  const known = await preflight('https://grafana.example')
  expect(known.status).toBe(204)
  expect(known.headers.get('access-control-allow-origin')).toBe('https://grafana.example')
  expect(known.headers.get('access-control-allow-headers')).toContain('authorization')
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBe(null)
  const asked = await world.call('GET', '/api/messages', undefined, { Origin: 'https://crm.example' })
  expect(asked.headers.get('access-control-allow-origin')).toBe('https://crm.example')
  const health = await world.call('GET', '/health', undefined, { Origin: 'https://crm.example' })
  expect(health.headers.get('access-control-allow-origin')).toBe(null)
})
