import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { providerEntries } from '#providers/index.ts'

/** nginx's files as they are written; test/world/nginx.test.ts runs them. */
const webhookPaths = providerEntries.flatMap(({ paths }) => paths)
const locations = locationsIn(readFileSync('nginx/conf.d/api.conf', 'utf8'))

it.each(webhookPaths)('%s is a webhook: limited, with a burst of 50, and 5 MB', (path) => {
  const { body } = locationOf(path, locations)
  expect(body).toContain('limit_req zone=webhook_limit burst=50 nodelay;')
  expect(body).toContain('client_max_body_size 5m;')
  expect(body).toContain('proxy_read_timeout 60s;')
  expect(body).toContain('include proxy.conf;')
})

it.each(['/api/max/actions', '/api/email/check'])('%s takes a mail with its attachments: 25 MB', (path) => {
  const { name, body } = locationOf(path, locations)
  expect(name).toBe(`= ${path}`)
  expect(body).toContain('limit_req zone=api_limit burst=200 nodelay;')
  expect(body).toContain('client_max_body_size 25m;')
})

it('hides the client of the links in mails, and of no call of the API', () => {
  const maps = readFileSync('nginx/nginx.conf', 'utf8').match(/"~\^\/api\/email\/[^"]*"/g)
  expect(maps).toEqual([
    '"~^/api/email/(?<kind>track|click|unsubscribe)/"',
    '"~^/api/email/(track|click|unsubscribe)/"',
  ])
})

it('gives a provider that does not exist yet the same location', () => {
  expect(locationOf('/webhooks/made-up', locations).name).toBe('^~ /webhooks/')
})

it.each(['/api/messages', '/api/webhook', '/api/whatsapp/messages', '/health', '/'])(
  '%s is not a webhook',
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
