import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWith, onPath } from './needs.ts'
import { type Nginx, startNginx } from './nginx.ts'

const megabyte = 1024 * 1024
// Only Linux has more than one loopback address: the tests come from two.
const found = process.platform === 'linux' ? onPath('nginx') : undefined

describeWith({ program: 'nginx on Linux', found, debian: 'nginx-light' }, 'nginx as it runs', (program) => {
  let nginx: Nginx

  beforeAll(async () => {
    nginx = await startNginx(program)
  })

  afterAll(() => nginx?.stop())

  it('is a configuration that nginx takes, without a warning', () => {
    expect(nginx.checked).toContain('test is successful')
    expect(nginx.checked).not.toContain('[warn]')
  })

  it.each([
    '/webhooks/twilio-sms?m=8d180511-53b1-495e-9c20-7f3827b73323&x=a%20b+c%2Fd&empty=&&',
    '/webhooks/a%2Fb//c/./d?e=%C3%A9',
    '/api/messages?to=%2B33612345678',
  ])('passes %s unchanged', async (target) => {
    expect((await nginx.call(target)).seen?.target).toBe(target)
  })

  it('passes body, content type and signatures unchanged', async () => {
    const body = Buffer.from([...Array(256).keys()])
    const headers = {
      'content-type': 'application/octet-stream',
      'x-twilio-signature': 'a+b/c=',
      authorization: 'Bearer x',
    }
    const { seen } = await nginx.call('/webhooks/greenapi', { method: 'POST', headers, body })
    expect(seen?.headers).toMatchObject(headers)
    expect(seen?.body.equals(body)).toBe(true)
  })

  it('says whose request it is: https, the host, and on a connection that is kept', async () => {
    const { seen } = await nginx.call('/api/messages', { headers: { host: 'comms.example.com' } })
    expect(seen?.headers).toMatchObject({ host: 'comms.example.com', 'x-forwarded-proto': 'https' })
    expect(seen?.headers.connection).not.toBe('close')
  })

  it('takes the client from CF-Connecting-IP where the peer is Cloudflare', async () => {
    const { seen } = await nginx.call('/api/messages', {
      localAddress: nginx.cloudflare,
      headers: { 'cf-connecting-ip': '203.0.113.7', 'x-forwarded-for': '198.51.100.1' },
    })
    expect(seen?.headers).toMatchObject({ 'x-real-ip': '203.0.113.7', 'x-forwarded-for': '203.0.113.7' })
  })

  it('believes nobody else', async () => {
    const { seen } = await nginx.call('/api/messages', {
      headers: { 'cf-connecting-ip': '203.0.113.7', 'x-forwarded-for': '198.51.100.1' },
    })
    expect(seen?.headers).toMatchObject({ 'x-real-ip': '127.0.0.1', 'x-forwarded-for': '127.0.0.1' })
  })

  it('passes a sane X-Request-Id and makes one in place of another', async () => {
    const own = await nginx.call('/health', { headers: { 'x-request-id': 'crm-42' } })
    expect(own.seen?.headers['x-request-id']).toBe('crm-42')
    const odd = await nginx.call('/health', { headers: { 'x-request-id': 'a b"c' } })
    expect(odd.seen?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
  })

  it.each([
    ['/webhooks/sendgrid', 5],
    ['/api/webhooks/email/resend', 5],
    ['/api/whatsapp/incoming', 5],
    ['/api/max/actions', 25],
    ['/api/email/check', 25],
    ['/api/sms/send', 1],
  ])('%s takes %i MB and not a byte more', async (target, limit) => {
    const most = Buffer.alloc(limit * megabyte, 'x')
    const taken = await nginx.call(target, { method: 'POST', body: most })
    expect(taken.seen?.body.length).toBe(most.length)
    const refused = await nginx.call(target, {
      method: 'POST',
      body: Buffer.concat([most, Buffer.from('x')]),
    })
    expect(refused).toMatchObject({ status: 413, seen: undefined })
    expect(JSON.parse(refused.text)).toMatchObject({ success: false, error: { code: 'too_large' } })
    expect(refused.headers['x-request-id']).toBeDefined()
  })

  it('lets a burst of fifty through at once, tells the rest to come back, and nobody else', async () => {
    const from = (client: string, target = '/webhooks/resend') =>
      nginx.call(target, { localAddress: nginx.cloudflare, headers: { 'cf-connecting-ip': client } })
    const startedAt = performance.now()
    const answers = await Promise.all(Array.from({ length: 100 }, () => from('203.0.113.50')))
    const seconds = (performance.now() - startedAt) / 1_000
    const taken = answers.filter(({ status }) => status === 200).length
    expect(taken).toBeGreaterThanOrEqual(51)
    // And one more for each second that the hundred took.
    expect(taken).toBeLessThanOrEqual(51 + Math.ceil(seconds))
    const refused = answers.find(({ status }) => status !== 200)
    expect(refused).toMatchObject({ status: 503, seen: undefined })
    expect(refused?.headers['retry-after']).toBe('5')
    expect(JSON.parse(refused?.text ?? '')).toMatchObject({ success: false })
    expect((await from('203.0.113.51')).status).toBe(200)
    expect((await from('203.0.113.50', '/api/messages')).status).toBe(200)
  })

  it.each(['/api/messages', '/api/max/actions'])(
    'lets 200 requests to %s through at once, and more as many a second as fifty',
    async (target) => {
      const client = target === '/api/messages' ? '203.0.113.60' : '203.0.113.61'
      const from = (name: string) =>
        nginx.call(target, { localAddress: nginx.cloudflare, headers: { 'cf-connecting-ip': name } })
      const startedAt = performance.now()
      const answers = await Promise.all(Array.from({ length: 400 }, () => from(client)))
      const seconds = (performance.now() - startedAt) / 1_000
      const taken = answers.filter(({ status }) => status === 200).length
      expect(taken).toBeGreaterThanOrEqual(201)
      expect(taken).toBeLessThanOrEqual(201 + 50 * Math.ceil(seconds))
      const refused = answers.find(({ status }) => status !== 200)
      expect(refused).toMatchObject({ status: 429, seen: undefined })
      expect(refused?.headers['retry-after']).toBe('5')
      expect(JSON.parse(refused?.text ?? '')).toMatchObject({ error: { code: 'too_many_requests' } })
      expect((await from('203.0.113.62')).status).toBe(200)
    },
  )

  it('redirects http to https with method, path and query', async () => {
    const { status, headers } = await nginx.call('/webhooks/twilio?m=1', {
      plain: true,
      method: 'POST',
      headers: { host: 'comms.example.com' },
    })
    expect(status).toBe(308)
    expect(headers.location).toBe('https://comms.example.com/webhooks/twilio?m=1')
  })

  it('passes the server’s own answers as they are', async () => {
    const { status, text } = await nginx.call('/health', { headers: { 'x-answer': '503' } })
    expect({ status, text }).toEqual({ status: 503, text: 'answered' })
  })

  it('answers 502 in JSON where the server is away', async () => {
    const { status, text } = await nginx.call('/health', { headers: { 'x-answer': 'hang up' } })
    expect(status).toBe(502)
    expect(JSON.parse(text)).toMatchObject({ success: false, error: { code: 'no_answer' } })
  })

  it('logs each request as one line of JSON, without query, token or address', async () => {
    await nginx.call('/webhooks/greenapi?token=hidden', { headers: { 'x-request-id': 'logged-1' } })
    await nginx.call('/api/email/click/hidden', { headers: { 'x-request-id': 'logged-2' } })
    const lines = await nginx.logged('logged-2')
    expect(lines.find(({ requestId }) => requestId === 'logged-1')).toMatchObject({
      path: '/webhooks/greenapi',
      method: 'GET',
      status: '200',
      client: '127.0.0.1',
    })
    expect(lines.find(({ requestId }) => requestId === 'logged-2')).toMatchObject({
      path: '/api/email/click/<token>',
      client: '',
    })
    expect(JSON.stringify(lines)).not.toContain('hidden')
  })

  it.each(['track', 'click', 'unsubscribe'])(
    'logs neither who follows a link of %s nor its token',
    async (door) => {
      const traced = `door-${door}`
      await nginx.call(`/api/email/${door}/hidden`, { headers: { 'x-request-id': traced } })
      const line = (await nginx.logged(traced)).find(({ requestId }) => requestId === traced)
      expect(line).toMatchObject({ path: `/api/email/${door}/<token>`, client: '' })
    },
  )

  it('logs who asks for a mail to be checked, as for any call of the API', async () => {
    await nginx.call('/api/email/check', { method: 'POST', headers: { 'x-request-id': 'checked-1' } })
    const line = (await nginx.logged('checked-1')).find(({ requestId }) => requestId === 'checked-1')
    expect(line).toMatchObject({ path: '/api/email/check', client: '127.0.0.1' })
  })
})
