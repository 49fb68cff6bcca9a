import { describe, expect, it } from 'vitest'
import { contentApi } from '#providers/twilio/content.ts'
import { twilioContent } from '#providers/twilio/index.ts'
import { failure } from '#support/heard.ts'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'
import { accountSid, authToken } from './sending.ts'

const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64')
const secrets = [authToken, credentials]
const sid = `HX${'a'.repeat(32)}`
const content = {
  friendly_name: 'rappel_1',
  language: 'fr',
  variables: { '1': 'prenom' },
  types: { 'twilio/text': { body: 'Bonjour {{1}}.' } },
}
const submission = { name: 'rappel_1', category: 'UTILITY' }
const json = (body: unknown, status = 200): Reply => ({ status, body })

async function asked(reply: (path: string) => Reply, timeoutMs = 5_000) {
  const server = await localApi(({ path }) => reply(path))
  const api = contentApi({ accountSid, authToken, apiUrl: server.url, timeoutMs })
  return { api, requests: server.requests, paths: () => server.requests.map(({ path }) => path) }
}

describe("Twilio's Content API", () => {
  it('takes a template as JSON with the names of its own', async () => {
    const { api, requests } = await asked(() => json({ sid, ...content }, 201))
    expect(await api.create(content)).toBe(sid)
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/Content',
        headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
      },
    ])
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(content)
  })

  it('takes a request for approval, and says what WhatsApp says', async () => {
    const approval = { ...submission, content_type: 'twilio/text', status: 'received', rejection_reason: '' }
    const { api, requests } = await asked(() => json(approval, 201))
    expect(await api.submit(sid, submission)).toEqual({ status: 'received', reason: undefined })
    expect(requests[0]?.path).toBe(`/v1/Content/${sid}/ApprovalRequests/whatsapp`)
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(submission)
  })

  it('says why a template was rejected', async () => {
    const whatsapp = {
      type: 'whatsapp',
      ...submission,
      status: 'rejected',
      rejection_reason: 'INVALID_FORMAT',
    }
    const { api, requests } = await asked(() => json({ sid, whatsapp }))
    expect(await api.approval(sid)).toEqual({ status: 'rejected', reason: 'INVALID_FORMAT' })
    expect(requests).toMatchObject([{ method: 'GET', path: `/v1/Content/${sid}/ApprovalRequests` }])
  })

  it('says nothing of a template that it does not have', async () => {
    const { api } = await asked(() => json({ code: 20404, message: 'not found', status: 404 }, 404))
    expect(await api.approval(sid)).toBeUndefined()
  })

  it('lists all names, page by page', async () => {
    const page = (contents: unknown[], next: string | null) =>
      json({ contents, meta: { next_page_url: next } })
    const { api, paths } = await asked((path) =>
      path.includes('Page=1')
        ? page(
            [
              { sid: 'HX2', friendly_name: 'b' },
              { sid: 'HX3', friendly_name: null },
            ],
            null,
          )
        : page(
            [{ sid: 'HX1', friendly_name: 'a' }],
            'https://content.twilio.com/v1/Content?PageSize=500&Page=1',
          ),
    )
    expect(Object.fromEntries(await api.named())).toEqual({ a: 'HX1', b: 'HX2' })
    expect(paths()).toEqual(['/v1/Content?PageSize=500', '/v1/Content?PageSize=500&Page=1'])
  })

  it('is asked for no page at another address', async () => {
    for (const next of ['https://elsewhere.example/v2/x', '/v1/Contents?Page=1']) {
      const { api, paths } = await asked(() => json({ contents: [], meta: { next_page_url: next } }))
      await failure(api.named(), secrets)
      expect(paths()).toHaveLength(1)
    }
  })

  it.each<[string, string, Reply]>([
    ['20003', 'retryable', json({ code: 20003, message: `Authenticate ${authToken}`, status: 401 }, 401)],
    ['20001', 'permanent', json({ code: 20001, message: 'Invalid types.', status: 400 }, 400)],
    ['20429', 'retryable', json({ code: 20429, message: 'Too Many Requests', status: 429 }, 429)],
    ['500', 'unknown', { status: 500, body: '<html>' }],
    ['timeout', 'unknown', 'hang'],
    ['ECONNRESET', 'unknown', 'reset'],
    ['none', 'unknown', json({ id: 7 }, 201)],
  ])('that fails with %s is told as %s, without our token', async (code, certainty, reply) => {
    const { api } = await asked(() => reply, reply === 'hang' ? 100 : undefined)
    expect(await failure(api.create(content), secrets)).toMatchObject({
      certainty,
      providerCode: code === 'none' ? undefined : code,
    })
  })

  it('cannot be asked where nobody listens', async () => {
    const api = contentApi({ accountSid, authToken, apiUrl: await nobodyListens() })
    expect(await failure(api.named(), secrets)).toMatchObject({ providerCode: 'ECONNREFUSED' })
  })
})

describe('the account that has the templates', () => {
  it('is asked at TWILIO_API_URL, with the current token', async () => {
    const server = await localApi(() => json({ contents: [], meta: {} }))
    const api = twilioContent({
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: `${authToken}, older`,
      TWILIO_API_URL: `${server.url}/`,
    })
    await api.named()
    expect(server.requests).toMatchObject([
      { path: '/v1/Content?PageSize=500', headers: { authorization: `Basic ${credentials}` } },
    ])
  })

  it.each([
    [{}, /^twilio: TWILIO_ACCOUNT_SID is missing/],
    [{ TWILIO_ACCOUNT_SID: accountSid }, /^twilio: TWILIO_AUTH_TOKEN is missing/],
  ])('must be set: %j', (environment, line) => {
    expect(() => twilioContent(environment)).toThrow(line)
  })
})
