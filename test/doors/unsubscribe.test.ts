import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { unsubscribeTokens } from '#src/email/unsubscribe-token.ts'
import {
  bearer,
  byResend,
  bySendgrid,
  bySmtp,
  logged,
  person,
  receivedBy,
  send,
  shown,
} from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

const publicUrl = 'https://comms.example.com'
const secrets = ['the-newer-tracking-secret-of-the-tests', 'the-older-tracking-secret-of-the-tests']
const environment = { BASE_URL: publicUrl, TRACKING_SECRET: secrets.join(',') }

let world: World
beforeAll(async () => {
  world = await startWorld({ environment, workerEveryMs: 20, crm: true })
})
afterAll(() => world.stop())

const unsubscribe = true
const oneClick = 'List-Unsubscribe=One-Click'
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }

/** The path of the link that really went out to somebody. */
function linkTo(to: string): string {
  const link = receivedBy(world, to)[0]?.headers['list-unsubscribe'] ?? ''
  const [, path = 'none'] =
    /^<https:\/\/comms\.example\.com(\/api\/email\/unsubscribe\/[\w.-]+)>$/.exec(link) ?? []
  return path
}

async function linked(way = bySmtp): Promise<{ to: string; path: string; messageId: string }> {
  const to = person(way, 'ok')
  const { body } = await send(world, way, to, { unsubscribe })
  return { to, path: linkTo(to), messageId: body.messageId }
}

/** As a mail program or a browser asks: without a token of the API, and following no redirect. */
function visit(method: string, path: string, headers: Record<string, string> = {}, body?: string | FormData) {
  return fetch(`${world.url}${path}`, { method, headers, redirect: 'manual', ...(body && { body }) })
}

const isWrittenTo = async (to: string) => (await send(world, bySmtp, to)).status === 200

describe.each([bySmtp, bySendgrid, byResend])('a mail by $provider', (way) => {
  test('has the two headers that mail programs read, where it asks for them', async () => {
    const to = person(way, 'ok')
    const { status, body } = await send(world, way, to, { unsubscribe })
    expect({ status, warnings: body.warnings }).toEqual({ status: 200, warnings: [] })
    const [mail] = receivedBy(world, to)
    expect(mail?.headers['list-unsubscribe']).toMatch(
      /^<https:\/\/comms\.example\.com\/api\/email\/unsubscribe\/[\w-]{22}\.[\w-]{22}>$/,
    )
    expect(mail?.headers['list-unsubscribe-post']).toBe(oneClick)
    expect(linkTo(to)).not.toContain(body.messageId)
  })

  test('has none where it does not', async () => {
    for (const more of [{}, { unsubscribe: false }]) {
      const to = person(way, 'ok')
      await send(world, way, to, more)
      expect(receivedBy(world, to)).toHaveLength(1)
      expect(
        Object.keys(receivedBy(world, to)[0]?.headers ?? {}).filter((name) => name.startsWith('list-')),
      ).toEqual([])
    }
  })

  test('that is tried again, or was scheduled, has the link that it had', async () => {
    const to = person(way, 'busy')
    const { body } = await send(world, way, to, { unsubscribe })
    await world.database.query('update messages set next_attempt_at = now() where id = $1', [body.messageId])
    await vi.waitFor(() => expect(receivedBy(world, to)).toHaveLength(1), { timeout: 15_000 })
    expect(linkTo(to)).toBe(`/api/email/unsubscribe/${unsubscribeTokens(secrets).of(body.messageId)}`)
  })
})

test('one click ends the mails to that person, by whichever provider, with the reason; a release at their wish frees them', async () => {
  const { to, path, messageId } = await linked()
  const answer = await visit('POST', path, form, oneClick)
  expect({ status: answer.status, text: await answer.text() }).toEqual({
    status: 200,
    text: 'unsubscribed\n',
  })
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const refused = await send(world, bySendgrid, to.toUpperCase())
  expect(refused).toMatchObject({
    status: 422,
    body: { error: { code: 'suppressed', message: expect.stringContaining('they unsubscribed') } },
  })
  const { events, message } = await shown(world, messageId)
  expect(message.status).toBe('sent')
  expect(events.at(-1)).toMatchObject({
    type: 'unsubscribed',
    provider: 'unsubscribe',
    providerType: 'one_click',
    source: 'webhook',
  })
  const ops = await bearer(world, undefined, true)
  const listed = await world.call(
    'GET',
    `/api/suppressions?channel=email&address=${encodeURIComponent(to)}`,
    undefined,
    ops,
  )
  expect(listed.body.suppressions).toMatchObject([
    { reason: 'unsubscribed', source: { provider: 'unsubscribe', messageId } },
  ])
  const release = (more: object) =>
    world.call(
      'POST',
      '/api/suppressions/release',
      { channel: 'email', address: to, reason: 'asked again', ...more },
      ops,
    )
  expect((await release({})).status).toBe(409)
  expect((await release({ force: true })).status).toBe(200)
  expect(await isWrittenTo(to)).toBe(true)
})

test('is one fact however often a mail program tells it at once, and counts again after a release', async () => {
  const { to, path, messageId } = await linked()
  const answers = await Promise.all([1, 2, 3].map(() => visit('POST', path, form, oneClick)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await isWrittenTo(to)).toBe(false)
  const told = (await shown(world, messageId)).events.filter(
    ({ type }: { type: string }) => type === 'unsubscribed',
  )
  expect(told.length).toBeLessThanOrEqual(2)
  const ops = await bearer(world, undefined, true)
  await world.call(
    'POST',
    '/api/suppressions/release',
    { channel: 'email', address: to, reason: 'r', force: true },
    ops,
  )
  expect(await isWrittenTo(to)).toBe(true)
  await pause(1_100)
  expect((await visit('POST', path, form, oneClick)).status).toBe(200)
  expect(await isWrittenTo(to)).toBe(false)
})

const parts = new FormData()
parts.set('List-Unsubscribe', 'One-Click')
test.each([
  ['a form', form, oneClick],
  ['a form of several parts', {}, parts],
  ['nothing', {}, undefined],
  ['a form of an odd kind', { 'Content-Type': 'text/plain; charset=latin1' }, 'whatever'],
  [
    'cookies and a wrong token of the API',
    { ...form, Cookie: 'a=b', Authorization: 'Bearer x', Origin: 'https://evil.example' },
    oneClick,
  ],
])('one click works with %s', async (_what, headers, body) => {
  const { to, path } = await linked()
  expect((await visit('POST', path, headers, body)).status).toBe(200)
  expect(await isWrittenTo(to)).toBe(false)
})

test('a body that is no form of a mail program is not read to its end', async () => {
  const { to, path } = await linked()
  expect((await visit('POST', path, form, 'a'.repeat(100_000))).status).toBe(413)
  expect(await isWrittenTo(to)).toBe(true)
})

test.each(['GET', 'HEAD'])('whoever only looks (%s), as scanners do, unsubscribes nobody', async (method) => {
  const { to, path, messageId } = await linked()
  for (const _time of [1, 2]) expect((await visit(method, path)).status).toBe(200)
  expect(await isWrittenTo(to)).toBe(true)
  expect((await shown(world, messageId)).events.map(({ type }: { type: string }) => type)).not.toContain(
    'unsubscribed',
  )
})

test.each([
  [undefined, 'fr'],
  ['fr-FR,fr;q=0.9', 'fr'],
  ['en-GB,en;q=0.8,fr;q=0.5', 'en'],
  ['de-DE,de;q=0.9,en;q=0.7', 'en'],
  ['nl', 'fr'],
  ['*', 'fr'],
])('the page is read by people who want %s in %s, and runs and loads nothing', async (wanted, language) => {
  const { path } = await linked()
  const answer = await visit('GET', path, wanted === undefined ? {} : { 'Accept-Language': wanted })
  const page = await answer.text()
  expect(page).toContain(`<html lang="${language}">`)
  expect(page).toMatch(/<form method="post" action="\?page"><button type="submit">[^<]+<\/button><\/form>/)
  expect(page).not.toMatch(/<script|<img|<link|https?:/)
  const { headers } = answer
  expect(headers.get('content-language')).toBe(language)
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  )
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('cache-control')).toBe('no-store')
})

test('its button unsubscribes, and says that it is done', async () => {
  const { to, path, messageId } = await linked()
  const answer = await visit('POST', `${path}?page`, { ...form, 'Accept-Language': 'en' }, '')
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('<h1>It is done</h1>')
  expect(await isWrittenTo(to)).toBe(false)
  expect((await shown(world, messageId)).events.at(-1)).toMatchObject({ providerType: 'page' })
})

test.each(['POST', 'GET'])(
  '%s of a forged link is a page that says what to do, and unsubscribes nobody',
  async (method) => {
    const { to, path } = await linked()
    const forged = `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`
    for (const wrong of [forged, '/api/email/unsubscribe/x', `${path}x`, '/api/email/unsubscribe/%00']) {
      const answer = await visit(method, wrong, { 'Accept-Language': 'en' })
      expect({ status: answer.status, text: await answer.text() }).toMatchObject({
        status: 404,
        text: expect.stringContaining('<h1>This link does not work</h1>'),
      })
    }
    expect(await isWrittenTo(to)).toBe(true)
  },
)

test('a link that the secret before signed still works, and one of a stranger’s secret does not', async () => {
  const { to, messageId } = await linked()
  const path = (secret: string) => `/api/email/unsubscribe/${unsubscribeTokens([secret]).of(messageId)}`
  expect((await visit('POST', path('somebody-else-s-secret'), form, oneClick)).status).toBe(404)
  expect(await isWrittenTo(to)).toBe(true)
  expect((await visit('POST', path(secrets[1] ?? ''), form, oneClick)).status).toBe(200)
  expect(await isWrittenTo(to)).toBe(false)
})

test('one click is kept while the database is held up, and counts when it is back', async () => {
  const { to, path } = await linked()
  const holder = new pg.Client({ connectionString: world.database.url })
  await holder.connect()
  try {
    await holder.query('begin; lock table message_events in access exclusive mode')
    expect((await visit('POST', path, form, oneClick)).status).toBe(200)
  } finally {
    await holder.end()
  }
  await world.settled()
  expect(await isWrittenTo(to)).toBe(false)
})

test('the suppression is of the tenant whose mail it was, and another does not see whose', async () => {
  const { to, path } = await linked()
  await visit('POST', path, form, oneClick)
  await world.settled()
  const seen = async (tenant: string) =>
    (
      await world.call(
        'GET',
        `/api/suppressions?channel=email&address=${encodeURIComponent(to)}`,
        undefined,
        await bearer(world, tenant, true),
      )
    ).body.suppressions
  expect(await seen('t1')).toHaveLength(1)
  expect(await seen('t2')).toEqual([])
})

test('the CRM is told', async () => {
  const email = `paul.${Date.now()}@customers.example`
  const lead = world.sandbox.crm.lead({ firstName: 'Paul', lastName: 'Petit', phone: '+33655512345', email })
  await send(world, bySmtp, email, { unsubscribe, leadId: lead.id })
  await visit('POST', linkTo(email), form, oneClick)
  await vi.waitFor(
    () =>
      expect(world.sandbox.crm.record('Lead', lead.id)?.emailAddressData).toMatchObject([
        { emailAddress: email, optOut: true },
      ]),
    { timeout: 15_000, interval: 20 },
  )
})

test.each([{ cc: ['b@customers.example'] }, { bcc: ['b@customers.example'] }])(
  'it cannot be asked for with copies, who would have the recipient’s link: %j',
  async (copies) => {
    const { status, body } = await send(world, bySmtp, person(bySmtp, 'ok'), { unsubscribe, ...copies })
    expect({ status, issues: body.error.issues }).toMatchObject({
      status: 400,
      issues: [{ path: 'unsubscribe' }],
    })
    expect((await send(world, bySmtp, person(bySmtp, 'ok'), { unsubscribe: false, ...copies })).status).toBe(
      200,
    )
  },
)

test('no line of the log has a link or what is in it', async () => {
  const { path } = await linked()
  await visit('GET', path)
  await visit('POST', path, form, oneClick)
  await world.settled()
  const [id = '', proof = ''] = path.split('/').at(-1)?.split('.') ?? []
  expect(logged(world, 'unsubscribed').length).toBeGreaterThan(0)
  expect(world.logLines.join('')).toContain('/api/email/unsubscribe/:token')
  expect(world.logLines.filter((line) => line.includes(id) || line.includes(proof))).toEqual([])
})

describe.each([
  { TRACKING_SECRET: '' },
  { BASE_URL: '' },
  { BASE_URL: 'http://comms.example.com' },
  { BASE_URL: 'https://10.0.0.7' },
])('where no such link can work (%j)', (without) => {
  test('the mail goes out without it, and its caller is told', async () => {
    const alone = await startWorld({ environment: { ...environment, ...without } })
    try {
      const to = person(bySmtp, 'ok')
      const { status, body } = await send(alone, bySmtp, to, { unsubscribe })
      expect({ status, warnings: body.warnings }).toEqual({ status: 200, warnings: ['no_unsubscribe_link'] })
      expect((await shown(alone, body.messageId)).message.warnings).toEqual(['no_unsubscribe_link'])
      expect(receivedBy(alone, to)[0]?.headers).not.toHaveProperty('list-unsubscribe')
    } finally {
      await alone.stop()
    }
  })
})
