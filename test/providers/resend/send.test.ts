import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { resendApi } from '#providers/resend/api.ts'
import { resendSend } from '#providers/resend/send.ts'
import { trackedDomains } from '#providers/resend/tracked-domains.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import { type LocalApi, localApi, nobodyListens, type Reply } from '#support/local-api.ts'

const apiKey = 're_the_secret_key'
const now = new Date('2026-11-22T10:00:00Z')
const accepted: Reply = { status: 200, body: { id: '56761188-7520-42d8-8898-ff6fc54ce618' } }

const message: OutgoingEmail = {
  id: '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e',
  tenantId: 't1',
  channel: 'email',
  to: 'zoe@customer.example',
  subject: 'Rendez-vous',
  html: '<p>Très secret</p>',
  createdAt: now,
  tracking: { opens: false, clicks: false },
}

describe('resend: an email that is accepted', () => {
  it('is one request, with our id as tag and as idempotency key', async () => {
    const api = await localApi(emails(accepted))
    expect(await send(api.url)).toEqual({
      providerMessageId: '56761188-7520-42d8-8898-ff6fc54ce618',
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      sender: 'max@comms.example',
      warnings: undefined,
      raw: { id: '56761188-7520-42d8-8898-ff6fc54ce618' },
    })
    const [request, ...more] = posted(api)
    expect(more).toHaveLength(0)
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${apiKey}`,
      'idempotency-key': message.id,
      'content-type': 'application/json',
    })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      from: 'Max <max@comms.example>',
      to: ['zoe@customer.example'],
      subject: 'Rendez-vous',
      html: '<p>Très secret</p>',
      tags: [{ name: 'app_msg', value: message.id }],
    })
  })

  it('carries copies, reply address, both bodies and attachments', async () => {
    const api = await localApi(emails(accepted))
    await send(api.url, {
      ...message,
      from: 'paris@comms.example',
      replyTo: 'reply@comms.example',
      cc: ['cc@customer.example'],
      bcc: ['bcc@customer.example'],
      text: 'Bonjour',
      attachments: [{ filename: 'a.pdf', content: 'JVBERg==', contentType: 'application/pdf' }],
    })
    expect(JSON.parse(posted(api)[0]?.body ?? '')).toMatchObject({
      from: 'paris@comms.example',
      reply_to: 'reply@comms.example',
      cc: ['cc@customer.example'],
      bcc: ['bcc@customer.example'],
      text: 'Bonjour',
      attachments: [{ filename: 'a.pdf', content: 'JVBERg==', content_type: 'application/pdf' }],
    })
  })

  it('may be text only', async () => {
    const api = await localApi(emails(accepted))
    await send(api.url, { ...message, html: undefined, text: 'Bonjour' })
    expect(JSON.parse(posted(api)[0]?.body ?? '')).not.toHaveProperty('html')
  })

  it('is the same bytes on every attempt', async () => {
    const api = await localApi(emails(accepted))
    await send(api.url)
    await send(api.url)
    const [first, second] = posted(api)
    expect(second?.body).toBe(first?.body)
  })
})

describe('resend: an email that is not accepted', () => {
  it.each([
    [400, 'validation_error'],
    [404, 'not_found'],
    [405, 'method_not_allowed'],
    [422, 'invalid_attachment'],
  ])('is refused for good by %i %s', async (status, name) => {
    const error = await failure({ status, body: { statusCode: status, name, message: 'no' } })
    expect(error).toMatchObject({ certainty: 'permanent', providerCode: name, message: 'resend: no' })
  })

  it.each([
    [429, 'rate_limit_exceeded', { 'retry-after': '2' }, 2_000],
    [429, 'rate_limit_exceeded', { 'ratelimit-reset': '1' }, 1_000],
    [429, 'daily_quota_exceeded', { 'retry-after': '2' }, 3_600_000],
    [429, 'monthly_quota_exceeded', {}, 3_600_000],
    [409, 'concurrent_idempotent_requests', {}, 5_000],
    [401, 'restricted_api_key', {}, 900_000],
    [403, 'invalid_api_key', {}, 900_000],
    [403, 'validation_error', {}, 900_000],
  ])('may be tried again after %i %s', async (status, name, headers, retryAfterMs) => {
    const error = await failure({ status, headers, body: { name } })
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: name, retryAfterMs })
  })

  it.each<Reply>([
    { status: 500, body: { name: 'internal_server_error' } },
    { status: 502, body: '<html>' },
    { status: 409, body: { name: 'invalid_idempotent_request' } },
    { status: 200, body: '' },
    'hang',
    'reset',
  ])('may have been accepted where the answer says nothing (%#)', async (reply) => {
    expect(await failure(reply, 50)).toMatchObject({ certainty: 'unknown' })
  })

  it('was surely not accepted where nobody listens', async () => {
    const error = await thrown(send(await nobodyListens()))
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: 'ECONNREFUSED' })
  })

  it('does not follow a redirect with the key in hand', async () => {
    const elsewhere = await localApi(() => accepted)
    const error = await failure({ status: 307, headers: { location: `${elsewhere.url}/emails` } })
    expect(error).toMatchObject({ certainty: 'unknown', providerCode: '307' })
    expect(elsewhere.requests).toHaveLength(0)
  })

  it('is not even tried from a sender that is not an address', async () => {
    const api = await localApi(emails(accepted))
    expect(await thrown(send(api.url, { ...message, from: 'nobody' }))).toMatchObject({
      certainty: 'permanent',
    })
    expect(posted(api)).toHaveLength(0)
  })

  const leaky = {
    name: 'validation_error',
    message: `Invalid \`to\` field: ${message.to}, from Max <max@comms.example>`,
  }
  it.each<Reply>([{ status: 422, body: leaky }, { status: 503, body: leaky }, 'reset', 'hang'])(
    'tells neither key nor address nor body (%#)',
    async (reply) => {
      const error = await failure(reply, 50)
      const told = [
        error.message,
        String(error.stack),
        JSON.stringify(error),
        inspect(error, { depth: 9 }),
      ].join()
      for (const secret of [apiKey, 'customer.example', 'comms.example', 'secret', 'Rendez-vous'])
        expect(told).not.toContain(secret)
    },
  )
})

/** The domains are asked for in the background, by every send whose knowledge is old: here they are not there. */
function emails(reply: Reply): (request: { path: string }) => Reply {
  return ({ path }) => (path === '/emails' ? reply : { status: 404 })
}

function posted(api: LocalApi): LocalApi['requests'] {
  return api.requests.filter((request) => request.path === '/emails')
}

function send(apiUrl: string, sent: OutgoingEmail = message, timeoutMs = 2_000): Promise<Receipt> {
  const api = resendApi(apiKey, apiUrl, timeoutMs)
  const clock = (): Date => now
  const from = 'Max <max@comms.example>'
  return resendSend({ api, domains: trackedDomains(api, () => clock().getTime()), from, now: clock })(sent)
}

async function failure(reply: Reply, timeoutMs?: number): Promise<ProviderError> {
  const api = await localApi(emails(reply))
  return thrown(send(api.url, message, timeoutMs))
}

async function thrown(sending: Promise<Receipt>): Promise<ProviderError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ProviderError) return error
  throw new Error(`no ProviderError but ${inspect(error)}`)
}
