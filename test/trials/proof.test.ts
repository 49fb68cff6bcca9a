import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { providerEntries } from '#providers/index.ts'
import {
  fromGreenapi,
  fromResend,
  fromSendgrid,
  fromTwilio,
  post,
  type SignedRequest,
} from '#support/signed.ts'
import { deliveries, silentNumber, twilioStatus } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

const baseUrl = 'https://comms.example.test'
/** A provider that came later is tried by webhookConformance. */
const contract = [
  '/api/webhooks/email/resend',
  '/api/webhooks/email/sendgrid',
  '/api/whatsapp/incoming',
  '/webhooks/greenapi',
  '/webhooks/resend',
  '/webhooks/sendgrid',
  '/webhooks/twilio',
  '/webhooks/twilio-sms',
  '/webhooks/twilio-whatsapp',
]
const doors = providerEntries
  .flatMap(({ name, paths }) => paths.map((path) => ({ name, path })))
  .filter(({ path }) => contract.includes(path))
const stranger = { messageId: '', entityId: 'SM00000000000000000000000000000099', to: '+33699999999' }

let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { BASE_URL: baseUrl } })
})
afterAll(() => world.stop())

/** What webhooks told: now and then the worker adds what a provider says when it is asked. */
async function kept(of = world): Promise<number> {
  const [row] = await of.database.query(
    `select (select count(*) from message_events where source = 'webhook')::integer
       + (select count(*) from quarantined_events)::integer as count`,
  )
  return Number(row?.count)
}

test('the contract’s nine doors are all here', () => {
  expect(doors.map(({ path }) => path).toSorted()).toEqual(contract)
})

describe('trial 12: a request without proof is refused and nothing of it is kept', () => {
  test.each(doors)('$path', async ({ name, path }) => {
    const genuine = byProvider(name, path)
    const before = await kept()
    for (const headers of [
      {},
      { 'content-type': 'application/json' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      ...Object.keys(genuine.headers)
        .filter((header) => header !== 'content-type')
        .map((header) => without(genuine.headers, header)),
    ]) {
      const answer = await post(world.url, { ...genuine, headers })
      expect(answer.status).toBe(403)
      expect(JSON.parse(answer.text)).toMatchObject({ success: false, error: { code: 'not_proven' } })
    }
    expect((await post(world.url, { ...genuine, body: Buffer.alloc(0), headers: {} })).status).toBe(403)
    expect((await fetch(`${world.url}${path}`)).status).toBe(403)
    expect(await kept()).toBe(before)
    // And the very same request with its proof is kept: the refusal was for the proof.
    expect((await post(world.url, genuine)).status).toBeLessThan(300)
    expect(await kept()).toBe(before + 1)
  })
})

describe('trial 12: where the secret is unset, the door does not exist', () => {
  const unset = {
    SENDGRID_WEBHOOK_SECRET: '',
    RESEND_WEBHOOK_SECRET: '',
    GREEN_API_WEBHOOK_TOKEN: ' , ',
    TWILIO_ACCOUNT_SID: '',
    TWILIO_AUTH_TOKEN: '',
    TWILIO_WHATSAPP_FROM: '',
    TWILIO_SMS_FROM: '',
  }
  let deaf: World
  beforeAll(async () => {
    deaf = await startWorld({ environment: { BASE_URL: baseUrl, ...unset } })
  })
  afterAll(() => deaf.stop())

  test.each(doors)('$path', async ({ name, path }) => {
    const genuine = byProvider(name, path)
    for (const headers of [
      genuine.headers,
      {},
      { authorization: 'Bearer ' },
      { authorization: 'Bearer undefined' },
    ]) {
      const answer = await post(deaf.url, { ...genuine, headers })
      expect(answer.status).toBe(404)
      expect(answer.text).toContain(name)
    }
    expect(await kept(deaf)).toBe(0)
  })

  test('it still sends by these providers, and warns that it will not hear', async () => {
    const sent = await deaf.action('sendWhatsApp', { to: silentNumber(), body: 'Hi', provider: 'greenapi' })
    expect(sent.status).toBe(200)
    const warned = deaf.logLines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn')
    for (const [provider, variable] of [
      ['sendgrid', 'SENDGRID_WEBHOOK_SECRET'],
      ['resend', 'RESEND_WEBHOOK_SECRET'],
      ['greenapi', 'GREEN_API_WEBHOOK_TOKEN'],
    ])
      expect(
        warned.some((line) => line.provider === provider && JSON.stringify(line).includes(`${variable}`)),
      ).toBe(true)
  })
})

/** A genuine request of a provider to one of its doors. */
function byProvider(name: string, path: string): SignedRequest {
  if (name === 'sendgrid')
    return fromSendgrid([{ event: 'delivered', email: 'a@b.example', sg_event_id: path }], { path })
  if (name === 'resend') return fromResend({ type: 'email.delivered', data: { email_id: path } }, { path })
  const digest = createHash('md5').update(path).digest('hex')
  const told = { ...stranger, entityId: `SM${digest}` }
  if (name === 'twilio') return fromTwilio(twilioStatus(told, 'delivered'), { baseUrl, path })
  const greenapi = deliveries.find(({ provider }) => provider === 'greenapi')
  return greenapi?.delivered(told, baseUrl) ?? fromGreenapi({})
}

function without(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name))
}
