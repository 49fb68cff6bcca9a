import { existsSync, readFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { post, type SignedRequest } from '#support/signed.ts'
import { oneByteChanged, oneCharacterChanged } from '#support/webhook-conformance.ts'
import { startWorld, type World } from '#support/world.ts'

/** Computed by others with throw-away keys, in January 2026: where the server's clock stands here. */
const sendgrid = read(
  'sendgrid',
  z.object({
    public_key_spki_der_base64: z.string(),
    vectors: z.array(z.object({ timestamp: z.string(), signature: z.string(), body_base64: z.string() })),
  }),
)
const resend = read(
  'resend',
  z.object({
    secret: z.string(),
    vectors: z.array(
      z.object({
        'svix-id': z.string(),
        'svix-timestamp': z.string(),
        'svix-signature': z.string(),
        body_base64: z.string(),
      }),
    ),
  }),
)
const now = new Date('2026-01-01T00:02:00Z')

const vectors: { provider: string; number: number; request: SignedRequest; proof: string[] }[] = [
  ...sendgrid.vectors.map(({ timestamp, signature, body_base64: body }, index) => ({
    provider: 'sendgrid',
    number: index + 1,
    proof: ['x-twilio-email-event-webhook-signature', 'x-twilio-email-event-webhook-timestamp'],
    request: request('/webhooks/sendgrid', body, {
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    }),
  })),
  ...resend.vectors.map(({ body_base64: body, ...headers }, index) => ({
    provider: 'resend',
    number: index + 1,
    proof: ['svix-id', 'svix-timestamp', 'svix-signature'],
    request: request('/webhooks/resend', body, headers),
  })),
]

let world: World
beforeAll(async () => {
  world = await startWorld({
    now: () => now,
    environment: {
      SENDGRID_WEBHOOK_SECRET: sendgrid.public_key_spki_der_base64,
      RESEND_WEBHOOK_SECRET: resend.secret,
    },
  })
})
afterAll(() => world.stop())

test('there are vectors of each provider', () => {
  expect(sendgrid.vectors.length).toBeGreaterThanOrEqual(2)
  expect(resend.vectors.length).toBeGreaterThanOrEqual(2)
  // Twilio's name other paths than our doors: they are held by its own test.
  expect(existsSync(new URL('../providers/twilio/signature-vectors.test.ts', import.meta.url))).toBe(true)
  const twilio = readFileSync(new URL('../providers/twilio/fixtures/vectors.json', import.meta.url), 'utf8')
  for (const signature of [
    'fOGfB997SZp0GQMZ/yeG2MOQGbY=',
    'h1TFx/bd48B8aR2vBH1KlUOPIZE=',
    'y5d8/uWG5duVgPdQt/fVlTgQcSc=',
    'zGB2wuB/qSoW9JG1CCKrRISuTn4=',
    '00NaPNJq4VwefwrldFJSrmknVqk=',
    'L/OH5YylLD5NRKLltdqwSvS0BnU=',
  ])
    expect(twilio).toContain(signature)
})

describe.each(vectors)('the vector $number of $provider', ({ provider, request: vector, proof }) => {
  test('is refused with one byte of its body changed, added or cut, and nothing of it is kept', async () => {
    await refused(oneByteChanged(vector.body).map((body) => ({ ...vector, body })))
  })

  test.each(proof)(
    'is refused with one character of its %s changed, and nothing of it is kept',
    async (header) => {
      const headers: Record<string, string> =
        header === 'svix-signature' ? { ...vector.headers, [header]: genuine(vector) } : vector.headers
      await refused(
        oneCharacterChanged(headers[header] ?? '').map((changed) => ({
          ...vector,
          headers: { ...headers, [header]: changed },
        })),
      )
    },
  )

  test('is accepted at the door and kept as it came', async () => {
    const answer = await post(world.url, vector)
    expect(answer.status).toBe(200)
    const parsed: unknown = JSON.parse(vector.body.toString())
    const rows = await world.database.query(
      'select raw, provider, request_id from message_events where provider = $1 order by id desc limit $2',
      [provider, [parsed].flat().length],
    )
    expect(rows.map(({ raw }) => JSON.stringify(sorted(raw))).toSorted()).toEqual(
      [parsed]
        .flat()
        .map((item) => JSON.stringify(sorted(item)))
        .toSorted(),
    )
    expect(await quarantined()).toBe(0)
  })
})

test('a vector is refused a month later', async () => {
  const later = await startWorld({
    now: () => new Date('2026-02-01T00:00:00Z'),
    environment: {
      SENDGRID_WEBHOOK_SECRET: sendgrid.public_key_spki_der_base64,
      RESEND_WEBHOOK_SECRET: resend.secret,
    },
  })
  try {
    for (const { request: vector } of vectors) expect((await post(later.url, vector)).status).toBe(403)
  } finally {
    await later.stop()
  }
})

/** Resend may send several signatures, one of them ours: the one that the Standard Webhooks library makes too. */
function genuine({ headers, body }: SignedRequest): string {
  const at = new Date(Number(headers['svix-timestamp']) * 1_000)
  const signature = new Webhook(resend.secret).sign(headers['svix-id'] ?? '', at, body.toString())
  expect(headers['svix-signature']?.split(' ')).toContain(signature)
  return signature
}

async function refused(forged: SignedRequest[]): Promise<void> {
  const before = await events()
  const statuses = await Promise.all(forged.map(async (one) => (await post(world.url, one)).status))
  expect(statuses).toEqual(forged.map(() => 403))
  expect(forged.length).toBeGreaterThan(1)
  expect(await events()).toBe(before)
}

/** What webhooks told: now and then the worker adds what a provider says when it is asked. */
async function events(): Promise<number> {
  const [row] = await world.database.query(
    `select count(*)::integer as count from message_events where source = 'webhook'`,
  )
  return Number(row?.count) + (await quarantined())
}

async function quarantined(): Promise<number> {
  const [row] = await world.database.query('select count(*)::integer as count from quarantined_events')
  return Number(row?.count)
}

function request(path: string, bodyBase64: string, headers: Record<string, string>): SignedRequest {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(bodyBase64, 'base64'),
  }
}

function read<T extends z.ZodType>(provider: string, schema: T): z.infer<T> {
  const file = new URL(`../providers/${provider}/vectors.json`, import.meta.url)
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** jsonb keeps no order of names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}
