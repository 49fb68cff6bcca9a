import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromGreenapi, fromResend, fromSendgrid, fromTwilio, post } from '#support/signed.ts'
import {
  facts,
  greenapiInbound,
  resendEvent,
  type Sent,
  sendgridEvent,
  sent,
  silentNumber,
  timeline,
  twilioInbound,
} from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
let message: Sent
beforeAll(async () => {
  world = await startWorld()
  message = await sent(world, 'sendgrid')
})
afterAll(() => world.stop())

test('trial 9: of a batch of 100 with an unknown kind and a broken entry, 99 are kept and 1 is quarantined', async () => {
  const before = await counts()
  const good = Array.from({ length: 98 }, () => sendgridEvent(message, { event: 'open' }))
  const unknown = sendgridEvent(message, { event: 'teleported', to_where: 'Mars' })
  const broken = { email: message.to, timestamp: 'soon', event: { kind: 'delivered' } }
  const batch = [...good.slice(0, 40), unknown, ...good.slice(40, 70), broken, ...good.slice(70)]
  expect(batch).toHaveLength(100)

  expect((await post(world.url, fromSendgrid(batch))).status).toBe(200)

  expect(await counts()).toEqual({ events: before.events + 99, quarantined: before.quarantined + 1 })
  const { events } = await timeline(world, message.messageId)
  expect(events.find(({ providerType }) => providerType === 'teleported')).toMatchObject({ type: 'unknown' })
  const [newest] = await quarantined()
  expect(newest).toMatchObject({ provider: 'sendgrid' })
  expect(JSON.parse(bytes(newest).toString())).toEqual(broken)
  expect(String(newest?.reason)).not.toContain('@')
})

test('trial 9: what is quarantined is shown to ops without a tenant, and to nobody else', async () => {
  const asked = (authorization: string) =>
    world.call('GET', '/api/events?quarantined=1', undefined, { Authorization: authorization })
  expect((await asked(`Bearer ${await world.token('t1', { ops: true })}`)).status).toBe(403)
  expect((await asked(`Bearer ${await world.token()}`)).status).toBe(403)
  expect((await asked(`Bearer ${await world.token(undefined, { ops: true })}`)).status).toBe(200)
})

test('trial 14: a batch of 500 events with CRLF between them is proven on its bytes and kept whole', async () => {
  const recipient = await sent(world, 'sendgrid')
  const events = Array.from({ length: 500 }, (_, index) =>
    JSON.stringify(
      sendgridEvent(recipient, {
        event: 'open',
        useragent: 'Mozilla/5.0 (Réservation; U) AppleWebKit',
        'smtp-id': `<14c5d75ce93.dfd.64b469.${index}@ismtpd-555.${'x'.repeat(80)}>`,
        category: ['rendez-vous', 'été'],
      }),
    ),
  )
  const webhook = fromSendgrid(`[${events.join(',\r\n')}]\r\n`)
  expect(webhook.body.length).toBeGreaterThan(170_000)
  expect((await post(world.url, webhook)).status).toBe(200)
  expect(await facts(world, recipient.messageId)).toEqual(Array(500).fill('opened'))
  const flattened = { ...webhook, body: Buffer.from(webhook.body.toString().replaceAll('\r\n', '\n')) }
  expect((await post(world.url, flattened)).status).toBe(403)
})

/** JSON.stringify would escape or refuse these: the text is written by hand. */
const poisons: [string, string][] = [
  ['\\u0000 in its texts', '"reason":"a\\u0000b","event":"bounce","type":"bo\\u0000unce"'],
  ['\\u0000 in its kind', '"event":"de\\u0000livered"'],
  ['\\u0000 in the name of a field', '"event":"delivered","na\\u0000me":1'],
  ['a lone high surrogate', '"event":"click","url":"https://example.com/\\ud800"'],
  ['a lone low surrogate in the name of a field', '"event":"delivered","\\udc00":"x"'],
  ['a clock in the year 58000', '"event":"delivered","timestamp":1768176000000000'],
  ['a clock in the year 58000, written out', '"event":"delivered","timestamp":"+058000-01-01T00:00:00Z"'],
  ['a clock before all years', '"event":"delivered","timestamp":-99999999999999999999'],
  ['a number that no column holds', '"event":"delivered","n":1e400,"m":-1e-400,"timestamp":1e308'],
  [
    'a prototype',
    '"event":"delivered","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}}',
  ],
  ['a text that looks like an escape', '"event":"delivered","reason":"C:\\\\u0000\\\\ud800"'],
  ['a list for an address', '"event":"delivered","email":["a","b"]'],
  ['nesting of 200', `"event":"delivered","deep":${'['.repeat(200)}${']'.repeat(200)}`],
  ['nesting of 200 objects', `"event":"delivered","deep":${'{"a":'.repeat(200)}1${'}'.repeat(200)}`],
  ['nesting of 100,000', `"event":"delivered","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`],
]

describe('trial 26: in an otherwise good batch', () => {
  test.each(poisons)(
    'an entry with %s is cleaned or quarantined, and the others are kept',
    async (_what, fields) => {
      await poisoned(`{"sg_event_id":"poison-${Math.random()}",${fields}}`)
    },
  )

  // Such an entry is named by a digest of itself.
  test.each(poisons)(
    'an entry without an id and with %s is cleaned or quarantined',
    async (_what, fields) => {
      await poisoned(`{"marker":${Math.random()},${fields}}`)
    },
  )

  test.each(['', 'a\\u0000', '\\ud800b', 'x'.repeat(300)])('an entry whose id is %j', async (id) => {
    await poisoned(`{"sg_event_id":"${id}","event":"delivered","marker":${Math.random()}}`)
  })

  test.each(['null', '7', '"text"', '[]', '[[]]', '{}', 'true'])('an entry that is %s', async (entry) => {
    await poisoned(entry)
  })

  test.each([
    ['one letter', 'x', 1],
    ['\\u0000', '\\u0000', 6],
    ['lone surrogates', '\\ud800', 6],
    ['backslashes', '\\\\', 2],
    ['quotes', '\\"', 2],
    ['€, three bytes each', '€', 3],
  ])('an entry with a string of 5 MB of %s', async (_what, piece, size) => {
    const limit = 5 * 1_024 * 1_024
    await poisoned(
      `{"sg_event_id":"huge-${Math.random()}","event":"delivered","reason":"${piece.repeat(Math.floor((limit - 2_000) / size))}"}`,
    )
  })

  test('a body over 5 MB is told so, and nothing of it is kept', async () => {
    const before = await counts()
    const webhook = fromSendgrid([
      sendgridEvent(message, { event: 'open', reason: 'x'.repeat(5 * 1_024 * 1_024) }),
    ])
    expect((await post(world.url, webhook)).status).toBe(413)
    expect(await counts()).toEqual(before)
  })
})

test.each(['{', '', 'null', '{"event":"delivered"}', '[', '\\u0000', '"text"', '\ufeff[]'])(
  'trial 26: a proven body that is not a batch (%j) is kept in quarantine',
  async (body) => {
    const before = await counts()
    const marked = `${body}${' '.repeat(Math.floor(Math.random() * 1_000))}\n`
    expect((await post(world.url, fromSendgrid(marked))).status).toBe(200)
    expect(await counts()).toEqual({ ...before, quarantined: before.quarantined + 1 })
    const [newest] = await quarantined()
    expect(bytes(newest).equals(Buffer.from(marked))).toBe(true)
  },
)

test('trial 26: Resend with \\u0000, lone surrogates, deep nesting or the year 58000 is kept and acknowledged', async () => {
  const mail = await sent(world, 'resend')
  const texts = [
    JSON.stringify(resendEvent(mail, 'delivered', { subject: 'a\u0000b \ud800' })),
    JSON.stringify({ ...resendEvent(mail, 'opened'), created_at: '+058000-01-01T00:00:00Z' }),
    JSON.stringify(resendEvent(mail, 'clicked')).replace(
      '"data":{',
      `"data":{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)},`,
    ),
  ]
  const before = await counts()
  for (const text of texts) expect((await post(world.url, fromResend(text))).status).toBe(200)
  expect(await counts()).toEqual({ events: before.events + 2, quarantined: before.quarantined + 1 })
  expect(await facts(world, mail.messageId)).toContain('delivered')
})

test('trial 26: a customer who writes \\u0000 and half an emoji is kept and acknowledged', async () => {
  const [one, two] = [silentNumber(), silentNumber()]
  const twilio = fromTwilio(twilioInbound(one, 'a\u0000b'), { baseUrl: world.url })
  expect((await post(world.url, twilio)).status).toBe(200)
  expect((await post(world.url, fromGreenapi(greenapiInbound(two, 'a\u0000b\ud83d')))).status).toBe(200)
  const rows = await world.database.query(`select text from messages where sender = any($1)`, [[one, two]])
  expect(rows.map(({ text }) => text).toSorted()).toEqual(['a\ufffdb', 'a\ufffdb\ufffd'])
})

/** A batch of this entry between two good ones: both are kept, the entry is kept or quarantined with its bytes, 2xx. */
async function poisoned(entry: string): Promise<void> {
  const neighbours = [sendgridEvent(message, { event: 'open' }), sendgridEvent(message, { event: 'open' })]
  const before = await counts()
  const body = `[${JSON.stringify(neighbours[0])},${entry},${JSON.stringify(neighbours[1])}]`
  const answer = await post(world.url, fromSendgrid(body))
  expect(answer.status).toBe(200)
  const [kept] = await world.database.query(
    `select count(*)::integer as count from message_events where provider = 'sendgrid' and event_id = any($1)`,
    [neighbours.map((event) => event.sg_event_id)],
  )
  expect(kept?.count).toBe(2)
  const after = await counts()
  if (after.quarantined > before.quarantined) {
    const [newest] = await quarantined()
    expect([entry, body].some((whole) => same(bytes(newest), whole))).toBe(true)
  } else {
    // Never dropped: it is an event, what jsonb cannot hold beside it as text.
    expect(after.events).toBe(before.events + 3)
    const [row] = await world.database.query(
      `select coalesce(raw_text, raw::text) as exact from message_events
       where event_id <> all($1) and source = 'webhook' order by id desc limit 1`,
      [neighbours.map((event) => event.sg_event_id)],
    )
    expect(canonical(String(row?.exact))).toBe(canonical(entry))
  }
}

/** JSON with sorted names, as JavaScript reads it: jsonb keeps no order. */
function canonical(text: string): string {
  return JSON.stringify(JSON.parse(text), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))
      : value,
  )
}

function same(kept: Buffer, text: string): boolean {
  if (kept.equals(Buffer.from(text))) return true
  try {
    return kept.toString() === JSON.stringify(JSON.parse(text))
  } catch {
    return false
  }
}

/** What webhooks told: now and then the worker adds what a provider says when it is asked. */
async function counts(): Promise<{ events: number; quarantined: number }> {
  const [row] = await world.database.query(
    `select (select count(*) from message_events where source = 'webhook')::integer as events,
            (select count(*) from quarantined_events)::integer as quarantined`,
  )
  return { events: Number(row?.events), quarantined: Number(row?.quarantined) }
}

async function quarantined(): Promise<Record<string, unknown>[]> {
  const headers = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
  const { body } = await world.call('GET', '/api/events?quarantined=1&limit=1', undefined, headers)
  return body.events
}

function bytes(item: Record<string, unknown> | undefined): Buffer {
  return Buffer.from(String(item?.bytes), 'base64')
}
