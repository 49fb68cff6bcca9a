import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, test } from 'vitest'
import { readMail } from '#sandbox/smtp/mime.ts'
import { createTokens } from '#src/email/tokens.ts'
import { startSmtpWorld } from '#support/smtp-world.ts'
import { timeline } from '#support/told.ts'
import type { World } from '#support/world.ts'
import { mailServer } from '../providers/smtp/mail-server.ts'

const secrets = ['the-current-one-of-the-tests-0123456789', 'the-one-before-of-the-tests-0123456789'] as const
const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36'
const scanner = 'Mozilla/5.0 (compatible; Proofpoint URL Defense)'
const page = `<body><p>Bonjour</p><a href="https://shop.example/a?x=1&amp;y=2">a</a>
<a href="https://shop.example/b">b</a> <a href="https://shop.example/c">c</a>
<a href="https://shop.example/unsubscribe?u=1">ne plus recevoir</a><a href="mailto:a@example.com">écrire</a></body>`
const bytes = 'R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=='

let world: World
let mails: { content: string }[]
let aheadMs = 0
const over: (() => unknown)[] = []
beforeAll(async () => {
  const server = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] }, (end) => over.push(end))
  mails = server.mails
  world = await startSmtpWorld(server.port, {
    from: 'max@example.com',
    aheadMs: () => aheadMs,
    environment: { TRACKING_SECRET: secrets.join(',') },
  })
})
afterAll(async () => {
  await world.stop()
  for (const end of over) await end()
})
beforeEach(() => {
  aheadMs = 0
})

let people = 0
const consent = { at: '2026-11-01T10:00:00+01:00', how: 'case cochée du formulaire de contact' }

async function send(params: object = {}) {
  people += 1
  const to = `reader-${people}@customers.example`
  const tracking = { opens: true, clicks: true, consent }
  const answer = await world.action('sendEmail', { to, subject: 'x', html: page, tracking, ...params })
  return { ...answer, to }
}

/** One mail that was sent, as its reader has it. */
async function mail(params: object = {}) {
  const { status, body, to } = await send(params)
  expect({ status, body }).toMatchObject({ status: 200 })
  const found = mails.find(({ content }) => content.includes(body.messageId))
  const { html = '', text } = readMail(Buffer.from(found?.content ?? '', 'latin1'))
  return { id: String(body.messageId), to, warnings: body.warnings, html, text, ...addresses(html) }
}

function addresses(html: string) {
  return {
    dot: /src="([^"]*\/api\/email\/track\/[^"]*)"/.exec(html)?.[1] ?? '',
    links: [...html.matchAll(/href="?([^\s">]*\/api\/email\/click\/[^\s">]*)/g)].map(
      ([, link]) => link ?? '',
    ),
  }
}

/** Some time later, by this agent. */
async function load(url: string, { after = 60, agent = browser as string | undefined, method = 'GET' } = {}) {
  aheadMs = after * 1_000
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { 'User-Agent': agent ?? '' },
  })
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) }
}

/** What is kept of it once everything that was told is in the database. */
async function known(id: string) {
  const { message, events } = await timeline(world, id)
  return { message, reads: events.filter(({ source }) => source === 'pixel') }
}

/** A read is kept after its answer. */
async function readsOf(id: string, count: number) {
  await expect.poll(async () => (await known(id)).reads.length, { timeout: 10_000 }).toBe(count)
  return known(id)
}

describe('a mail by SMTP whose send asks for it', () => {
  test('is opened and clicked by a person: counted, with what was asked for and by which consent', async () => {
    const { id, dot, links } = await mail()
    const opened = await load(dot)
    expect(opened.status).toBe(200)
    expect(opened.body.toString('base64')).toBe(bytes)
    expect(Object.fromEntries(opened.headers)).toMatchObject({
      'content-type': 'image/gif',
      'content-length': '43',
      'cache-control': expect.stringContaining('no-store'),
      'x-robots-tag': expect.stringContaining('noindex'),
      'cross-origin-resource-policy': 'cross-origin',
    })
    expect(opened.headers.has('etag')).toBe(false)
    expect(opened.headers.has('set-cookie')).toBe(false)
    expect((await readsOf(id, 1)).message).toMatchObject({ status: 'opened', machineOpenedAt: null })
    const clicked = await load(links[0] ?? '', { after: 90 })
    expect(clicked.status).toBe(302)
    expect(Object.fromEntries(clicked.headers)).toMatchObject({
      location: 'https://shop.example/a?x=1&y=2',
      'cache-control': expect.stringContaining('no-store'),
      'referrer-policy': 'no-referrer',
      'x-robots-tag': expect.stringContaining('noindex'),
    })
    const { message, reads } = await readsOf(id, 2)
    expect(message).toMatchObject({
      status: 'clicked',
      tracking: { opens: true, clicks: true, consent: { at: '2026-11-01T09:00:00.000Z', how: consent.how } },
    })
    expect(reads).toMatchObject([
      { type: 'opened', provider: 'tracking', providerType: 'pixel', machine: false, reason: null },
      { type: 'clicked', providerType: 'link', machine: false, url: 'https://shop.example/a?x=1&y=2' },
    ])
  })

  test('has other links and a picture, and every other character as it was', async () => {
    const { html, text, dot, links } = await mail({ text: 'https://shop.example/a' })
    expect(links).toHaveLength(3)
    const before = html
      .replace(/<img [^>]*>/, '')
      .replace(links[0] ?? '', 'https://shop.example/a?x=1&amp;y=2')
      .replace(links[1] ?? '', 'https://shop.example/b')
      .replace(links[2] ?? '', 'https://shop.example/c')
    expect(before.replaceAll('\r\n', '\n').trimEnd()).toBe(page)
    expect(dot).toMatch(/\.gif$/)
    expect(text?.trimEnd()).toBe('https://shop.example/a')
  })

  test('holds no address of its reader, neither as it is nor decoded', async () => {
    const { to, dot, links } = await mail()
    for (const address of [dot, ...links]) {
      const token = address.split('/').at(-1)?.replace('.gif', '') ?? ''
      expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain(to.split('@')[0])
    }
  })

  test.each([
    [{ opens: true }, 1, 0],
    [{ clicks: true }, 0, 3],
    [{ opens: false, clicks: false }, 0, 0],
    [undefined, 0, 0],
  ])('has only what was asked for: %j', async (tracking, dots, links) => {
    const found = await mail({ tracking })
    expect([found.dot === '' ? 0 : 1, found.links.length]).toEqual([dots, links])
    expect(found.warnings).toEqual([])
  })

  test('may be large: a million characters and their links', async () => {
    const row = '<p>Bonjour, <a href="https://shop.example/b">b</a> et au revoir. 😀</p>\n'
    const { id, html, links, dot } = await mail({ html: row.repeat(14_000) })
    expect(links).toHaveLength(14_000)
    expect(html.replaceAll(links[0] ?? '', 'https://shop.example/b').replaceAll('\r\n', '\n')).toContain(
      row.repeat(13_999),
    )
    expect((await load(dot)).status).toBe(200)
    expect((await readsOf(id, 1)).message).toMatchObject({ status: 'opened' })
  })
})

describe('a machine is kept with its reason, and counts for no person', () => {
  test.each([
    { what: 'a scanner by its name', agent: scanner, why: 'Proofpoint' },
    { what: 'a program by its name, which isbot knows', agent: 'SomeFetcher/1.0', why: 'SomeFetcher' },
    { what: 'an image proxy', agent: 'Mozilla/5.0 (via ggpht.com GoogleImageProxy)', why: 'ggpht' },
    { what: 'one that names no agent', agent: '', why: 'no agent' },
    { what: 'a browser, two seconds after it was sent', agent: browser, after: 2, why: 'delivery' },
  ])('$what', async ({ agent, after = 60, why }) => {
    const { id, dot } = await mail()
    await load(dot, { agent, after })
    const { message, reads } = await readsOf(id, 1)
    expect(message).toMatchObject({ status: 'sent', openedAt: null, machineOpenedAt: expect.any(String) })
    expect(reads).toMatchObject([{ type: 'opened', machine: true, reason: expect.stringContaining(why) }])
  })

  test('a burst over all links at once, by the agent of a browser', async () => {
    const before = (await world.call('GET', '/api/stats')).body
    const { id, dot, links } = await mail()
    await Promise.all([dot, ...links].map((address) => load(address, { after: 4 })))
    const { message, reads } = await readsOf(id, 4)
    expect(message).toMatchObject({ status: 'sent', openedAt: null, clickedAt: null })
    expect(reads.every(({ machine }) => machine)).toBe(true)
    await Promise.all(links.map((address) => load(address, { after: 3_600 })))
    const again = await readsOf(id, 7)
    expect(again.message).toMatchObject({ status: 'sent', clickedAt: null })
    expect(again.reads.at(-1)).toMatchObject({ machine: true, reason: 'several links at once' })
    const { body } = await world.call('GET', '/api/stats')
    expect(body).toMatchObject({ opened: before.opened, openedByMachines: before.openedByMachines + 1 })
  })

  test('HEAD counts for nothing, and what follows it is known by it', async () => {
    const { id, dot, links } = await mail()
    expect((await load(dot, { method: 'HEAD' })).status).toBe(200)
    const asked = await load(links[0] ?? '', { method: 'HEAD' })
    expect([asked.status, asked.headers.get('location')]).toEqual([302, 'https://shop.example/a?x=1&y=2'])
    await load(links[1] ?? '')
    const { message, reads } = await readsOf(id, 1)
    expect(message).toMatchObject({ status: 'sent' })
    expect(reads).toMatchObject([{ type: 'clicked', machine: true, reason: expect.stringContaining('HEAD') }])
    await load(dot, { after: 3_600 })
    expect((await readsOf(id, 2)).message).toMatchObject({ status: 'opened' })
  })

  test('ends no escalation, and a person does', async () => {
    const escalate = [
      { action: 'sendSMS', params: { to: '+33612345785', body: 'RDV' }, after: '1h', unless: 'read' },
    ]
    const { id, dot } = await mail({ escalate })
    const state = async () => {
      const { body } = await world.call('GET', `/api/messages/${id}`)
      return JSON.stringify(body.escalation)
    }
    await load(dot, { agent: scanner })
    await readsOf(id, 1)
    expect(await state()).toContain('waiting')
    await load(dot, { after: 120 })
    await readsOf(id, 2)
    expect(await state()).not.toContain('waiting')
  })
})

describe('what is not ours', () => {
  const forged = ['x', '', 'x.gif', 'a/b.gif', '%', '..%2f..', 'AAAA'.repeat(2_000)]

  test('is shown the same picture, and nothing is kept', async () => {
    const { id, dot } = await mail()
    const token = dot.split('/').at(-1) ?? ''
    const changed = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`
    for (const one of [...forged, changed, `${token}x`, token.replace('.gif', '=.gif')]) {
      const { status, body, headers } = await load(`${world.url}/api/email/track/${one}`, { after: 30 })
      expect([one, status, body.toString('base64'), headers.get('content-type')]).toEqual([
        one,
        200,
        bytes,
        'image/gif',
      ])
    }
    const strange = createTokens(['a-secret-that-nobody-here-knows-0123456'])
    await load(`${world.url}/api/email/track/${strange.ofOpens(id)}.gif`, { after: 30 })
    // Of another second: what is loaded twice in one is one event. By this one it is seen that all before it were looked at.
    await load(dot)
    expect((await readsOf(id, 1)).reads).toHaveLength(1)
  })

  test('is led nowhere, and shown nothing of what it asked', async () => {
    const { id, links, dot } = await mail()
    const [token = ''] = (links[0] ?? '').split('/').slice(-1)
    const stranger = createTokens(['a-secret-that-nobody-here-knows-0123456'])
    const elsewhere = Buffer.concat([
      Buffer.from(token, 'base64url').subarray(0, 32),
      Buffer.from('https://evil.example/'),
    ]).toString('base64url')
    const picture = dot.split('/').at(-1)?.replace('.gif', '') ?? ''
    const tries = [...forged, elsewhere, picture, stranger.ofClicks(id, 'https://evil.example/'), `${token}A`]
    for (const one of [...tries, 'x?url=https://evil.example/', 'https://evil.example/<script>']) {
      const { status, headers, body } = await load(`${world.url}/api/email/click/${one}`)
      expect([one, status, headers.get('location')]).toEqual([one, 404, null])
      expect(body.toString()).not.toMatch(/evil|script/)
      expect(headers.get('content-type')).toContain('text/html')
    }
    await load(dot)
    expect((await readsOf(id, 1)).reads).toMatchObject([{ type: 'opened' }])
  })

  test('is not to be read again from the log', async () => {
    const { dot, links } = await mail()
    await load(dot)
    await load(links[0] ?? '')
    const lines = world.logLines.join('')
    for (const address of [dot, ...links]) expect(lines).not.toContain(address.split('/').at(-1))
    expect(lines).toContain('/api/email/click/:token')
  })

  it.each(['POST', 'PUT', 'DELETE'])('is not asked for by %s', async (method) => {
    const { dot } = await mail()
    expect((await load(dot, { method })).status).toBe(401)
  })
})

test('a mail of the secret before is still read, one of a secret that is gone is not', async () => {
  const { id, dot } = await mail()
  const before = createTokens([secrets[1]])
  const gone = createTokens(['one-that-was-taken-out-of-the-list-01234'])
  const link = before.ofClicks(id, 'https://shop.example/b')
  expect(dot).not.toContain(before.ofOpens(id))
  expect((await load(`${world.url}/api/email/click/${link}`)).headers.get('location')).toBe(
    'https://shop.example/b',
  )
  await load(`${world.url}/api/email/track/${gone.ofOpens(id)}.gif`)
  await load(`${world.url}/api/email/track/${before.ofOpens(id)}.gif`)
  expect((await readsOf(id, 2)).message).toMatchObject({ status: 'clicked' })
})

test('whoever says no to mails is not looked at in those of before either, and links still lead on', async () => {
  const { id, to, dot, links } = await mail()
  const ops = { Authorization: `Bearer ${await world.token('t1', { ops: true })}` }
  const said = { channel: 'email', address: to, reason: 'asked on the phone' }
  expect((await world.call('POST', '/api/suppressions', said, ops)).status).toBe(201)
  expect((await load(dot)).body.toString('base64')).toBe(bytes)
  const { headers } = await load(links[1] ?? '')
  expect(headers.get('location')).toBe('https://shop.example/b')
  const other = await mail()
  await load(other.dot)
  await readsOf(other.id, 1)
  expect(await known(id)).toMatchObject({ message: { status: 'sent' }, reads: [] })
  await world.call('POST', '/api/suppressions/release', { ...said, force: true }, ops)
  await load(dot, { after: 120 })
  expect((await readsOf(id, 1)).message).toMatchObject({ status: 'opened' })
})

test('what is read at the same time is kept as often as it was', async () => {
  const read = await Promise.all(Array.from({ length: 20 }, () => mail()))
  aheadMs = 60_000
  await Promise.all(read.map(({ dot }) => fetch(dot, { headers: { 'User-Agent': browser } })))
  for (const { id } of read) expect((await readsOf(id, 1)).message).toMatchObject({ status: 'opened' })
})

test('while the database is held up a read is answered at once, kept on the disk, and counted when it is back', async () => {
  const { id, dot, links } = await mail()
  const holder = new pg.Client({ connectionString: world.database.url })
  await holder.connect()
  onTestFinished(() => holder.end())
  await holder.query('begin; lock table messages, message_events')
  const from = performance.now()
  const answers = [await load(dot), await load(links[0] ?? '', { after: 90 })]
  expect(performance.now() - from).toBeLessThan(400)
  expect(answers.map(({ status }) => status)).toEqual([200, 302])
  await expect.poll(() => world.logLines.join(''), { timeout: 5_000 }).toContain('"database_busy"')
  const kept = `select from message_events where message_id = $1 and source = 'pixel'`
  expect((await holder.query(kept, [id])).rowCount).toBe(0)
  await holder.query('rollback')
  expect((await readsOf(id, 2)).message).toMatchObject({ status: 'clicked', openedAt: expect.any(String) })
})
