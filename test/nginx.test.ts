import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import {
  type ClientRequestArgs,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providerEntries } from '#providers/index.ts'
import { freePort } from '../scripts/free-port.ts'

const webhookPaths = providerEntries.flatMap(({ paths }) => paths)
const megabyte = 1024 * 1024

describe('nginx: as it is written', () => {
  const locations = locationsIn(readFileSync('nginx/conf.d/api.conf', 'utf8'))

  it.each(webhookPaths)('%s is a webhook: limited, with a burst of 50, and 5 MB', (path) => {
    const { body } = locationOf(path, locations)
    expect(body).toContain('limit_req zone=webhook_limit burst=50 nodelay;')
    expect(body).toContain('client_max_body_size 5m;')
    expect(body).toContain('proxy_read_timeout 60s;')
    expect(body).toContain('include proxy.conf;')
  })

  it('gives a provider that does not exist yet the same location', () => {
    expect(locationOf('/webhooks/made-up', locations).name).toBe('^~ /webhooks/')
  })

  it.each(['/api/messages', '/api/webhook', '/api/whatsapp/messages', '/health', '/'])(
    '%s is no webhook',
    (path) => {
      expect(locationOf(path, locations).body).not.toContain('webhook_limit')
    },
  )

  it('defines the zone that the locations name, on the client’s own address', () => {
    expect(readFileSync('nginx/nginx.conf', 'utf8')).toMatch(
      /limit_req_zone \$binary_remote_addr zone=webhook_limit:/,
    )
  })

  it('passes the request line unchanged: no URI after the upstream’s name', () => {
    const written = ['nginx/proxy.conf', 'nginx/conf.d/api.conf']
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    const passes = [...written.matchAll(/^\s*proxy_pass\s+(\S+);/gm)].map((match) => match[1])
    expect(passes).toEqual(['http://max_backend'])
    expect(written).not.toMatch(/^\s*rewrite\s/m)
  })

  it('logs no query and no header that proves anything', () => {
    const format = /log_format json[\s\S]*?;\n/.exec(readFileSync('nginx/nginx.conf', 'utf8'))?.[0] ?? ''
    expect(format).toContain('$logged_path')
    expect(format).not.toMatch(/\$(request|request_uri|args|query_string|http_referer|http_authorization)\b/)
  })
})

const missing =
  process.platform !== 'linux'
    ? 'skipped: only Linux has more than one loopback address'
    : spawnSync('nginx', ['-v']).error
      ? 'skipped: there is no nginx on PATH'
      : undefined

describe.skipIf(missing !== undefined)(
  `nginx: as it runs${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let nginx: Nginx

    beforeAll(async () => {
      nginx = await startNginx()
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
  },
)

interface Location {
  name: string
  body: string
}

function locationsIn(configuration: string): Location[] {
  return [...configuration.matchAll(/^ {2}location ([^@{]+) \{\n([\s\S]*?)^ {2}\}/gm)].map(
    ([, name = '', body = '']) => ({ name, body }),
  )
}

/** nginx's choice among `=`, `^~` and plain locations: the exact one, else the longest prefix. */
function locationOf(path: string, locations: readonly Location[]): Location {
  const uri = (name: string) => name.replace(/^(=|\^~)\s+/, '')
  const exact = locations.find(({ name }) => name.startsWith('=') && uri(name) === path)
  const prefixes = locations
    .filter(({ name }) => !name.startsWith('=') && path.startsWith(uri(name)))
    .sort((left, right) => uri(right.name).length - uri(left.name).length)
  const found = exact ?? prefixes[0]
  if (!found) throw new Error(`no location matches ${path}`)
  return found
}

interface Seen {
  target: string
  headers: IncomingHttpHeaders
  body: Buffer
}

interface Answered {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The request as it reached the server; undefined where it did not. */
  seen: Seen | undefined
}

interface Call {
  method?: string
  headers?: Record<string, string>
  body?: Buffer
  localAddress?: string
  /** Over http, to the redirect. */
  plain?: boolean
}

interface Nginx {
  checked: string
  /** A loopback address that stands for Cloudflare. */
  cloudflare: string
  call(target: string, call?: Call): Promise<Answered>
  logged(untilId: string): Promise<Record<string, string>[]>
  stop(): Promise<void>
}

/** The very files, in a folder of their own: only ports, paths, the rate and the trusted peer are those of a test. */
async function startNginx(): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'max-comms-nginx-'))
  // Started by root, its workers are nobody: they keep large bodies in there.
  chmodSync(folder, 0o755)
  const cloudflare = '127.0.0.2'
  const upstream = await startUpstream()
  const [plainPort, tlsPort, healthPort] = [await freePort(), await freePort(), await freePort()]
  cpSync('nginx', folder, { recursive: true })
  const pem = readFileSync('test/providers/smtp/localhost.pem')
  writeFileSync(join(folder, 'certificates', 'fullchain.pem'), pem)
  writeFileSync(join(folder, 'certificates', 'privkey.pem'), pem, { mode: 0o600 })
  writeFileSync(join(folder, 'mime.types'), 'types { }\n')
  change(join(folder, 'nginx.conf'), [
    ['user nginx;', ''],
    ['pid /run/nginx.pid;', `pid ${folder}/pid;`],
    ['/dev/stderr', `${folder}/error.log`],
    ['/dev/stdout', `${folder}/access.log`],
    ['http {', `http {\n${temporaryFolders(folder)}`],
    ['server app:3000;', `server 127.0.0.1:${upstream.port};`],
    ['rate=100r/s', 'rate=1r/s'],
  ])
  change(join(folder, 'conf.d', 'api.conf'), [
    ['listen 80 default_server;', `listen 127.0.0.1:${plainPort};`],
    ['listen 443 ssl default_server;', `listen 127.0.0.1:${tlsPort} ssl;`],
  ])
  change(join(folder, 'conf.d', 'health.conf'), [['127.0.0.1:8081', `127.0.0.1:${healthPort}`]])
  change(join(folder, 'cloudflare.conf'), [
    ['real_ip_header', `set_real_ip_from ${cloudflare}/32;\nreal_ip_header`],
  ])
  const options = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  const check = spawnSync('nginx', [...options, '-t'], { encoding: 'utf8' })
  const checked = check.stderr + readFileSync(join(folder, 'error.log'), 'utf8')
  if (check.status !== 0) throw new Error(`nginx -t: ${checked}`)
  const running = spawn('nginx', [...options, '-g', 'daemon off;'], { stdio: 'inherit' })
  await listening(healthPort)
  return {
    checked,
    cloudflare,
    async call(target, call = {}) {
      const id = upstream.expect()
      const answered = await asked(call.plain ? plainPort : tlsPort, target, call, id)
      return { ...answered, seen: upstream.seen(id) }
    },
    logged: (untilId) => loggedIn(join(folder, 'access.log'), untilId),
    async stop() {
      await ended(running)
      await upstream.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Each replaced text must be there: a test of other files than those that are shipped would prove nothing. */
function change(file: string, replacements: readonly (readonly [string, string])[]): void {
  let text = readFileSync(file, 'utf8')
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    text = text.replace(from, () => to)
  }
  writeFileSync(file, text)
}

/** Debian's defaults are folders of root's. */
function temporaryFolders(folder: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${folder}/${kind};`)
    .join('\n')
}

/** A server that keeps what it was asked, by the id that the caller sent along. */
async function startUpstream() {
  const requests = new Map<string, Seen>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url = '', headers } = request
      requests.set(String(headers['x-test']), { target: url, headers, body: Buffer.concat(chunks) })
      if (headers['x-answer'] === 'hang up') return void request.socket.destroy()
      response.writeHead(Number(headers['x-answer'] ?? 200)).end('answered')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let last = 0
  return {
    port: portOf(server.address()),
    expect: () => String(++last),
    seen: (id: string) => requests.get(id),
    async stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function asked(port: number, target: string, call: Call, id: string): Promise<Omit<Answered, 'seen'>> {
  const options: ClientRequestArgs = {
    host: '127.0.0.1',
    port,
    path: target,
    method: call.method ?? 'GET',
    agent: false,
    headers: { 'x-test': id, ...(call.body && { 'content-length': call.body.length }), ...call.headers },
    ...(call.localAddress && { localAddress: call.localAddress }),
  }
  return new Promise((resolve, reject) => {
    const request = call.plain
      ? httpRequest(options)
      : httpsRequest({ ...options, rejectUnauthorized: false, servername: 'localhost' })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString() })
      })
    })
    request.end(call.body)
  })
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 15_000
  while (performance.now() < deadline) {
    if ((await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status === 204) return
    await pause(20)
  }
  throw new Error('nginx did not start')
}

async function loggedIn(file: string, untilId: string): Promise<Record<string, string>[]> {
  const deadline = performance.now() + 15_000
  while (!readFileSync(file, 'utf8').includes(untilId) && performance.now() < deadline) await pause(20)
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function ended(running: ChildProcess): Promise<void> {
  const exit = once(running, 'exit')
  running.kill('SIGTERM')
  await exit
}
