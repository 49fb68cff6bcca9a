import { describe, expect, it } from 'vitest'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'
import { crmAt, failure, no, traced } from './crm-at.ts'

const message = traced({ person: { type: 'Lead', id: '6695b1c2d3e4f5a68' } })
const { apiKey } = crmAt('http://127.0.0.1:1')

const proxyPage: Reply = { status: 404, body: '<html>not here</html>' }

/** The CRM finds no such post, and answers the writing of one with this. */
async function written(reply: Reply) {
  const api = await localApi(({ method }) => (method === 'GET' ? { status: 200, body: { list: [] } } : reply))
  return failure(crmAt(api.url).crm.trace(message), [apiKey, 'Bonjour'])
}

async function lookedUp(reply: Reply) {
  const api = await localApi(() => reply)
  return failure(crmAt(api.url).crm.appointment('m1'))
}

describe('a write that EspoCRM does not take', () => {
  it.each([
    [400, 'Field validation failure; entityType: Note, field: post, type: required.'],
    [404, 'Record not found.'],
    [409, 'duplicate'],
    [413, ''],
    [403, "Can't relate with non-existing record. entity type: Note, link: parent."],
  ])('is refused for good by %i %s', async (status, reason) => {
    expect(await written(no(status, reason))).toMatchObject({
      certainty: 'permanent',
      providerCode: String(status),
      message: `espocrm: POST Note: ${reason || `answered HTTP ${status}`}`,
    })
  })

  it.each([
    ["Not allowed 'from' address.", 'grant the API user’s role the scope Import'],
    [
      'Assignment failure: assigned user or team not allowed.',
      'set the role’s Assignment permission, or another ESPOCRM_ASSIGNED_USER_ID or ESPOCRM_TEAM_ID',
    ],
    ['No stream access.', 'grant the role Stream on it'],
    [
      "Can't relate with non-existing record. entity type: Note, link: assignedUser.",
      'correct ESPOCRM_ASSIGNED_USER_ID or ESPOCRM_TEAM_ID: there is no such user or team',
    ],
    [
      "Can't relate with non-existing record. entity type: Note, link: teams.",
      'correct ESPOCRM_ASSIGNED_USER_ID or ESPOCRM_TEAM_ID: there is no such user or team',
    ],
    ['No create access.', 'check the role of the API user: docs/espocrm.md'],
  ])('may be taken when somebody has mended that: %s', async (reason, remedy) => {
    const error = await written(no(403, reason))
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: '403', onlyThis: true })
    expect(error.message).toBe(`espocrm: POST Note: ${reason} (${remedy})`)
  })

  it.each<[Reply]>([
    [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Forbidden</h1>' }],
    [{ status: 403, body: '{"error":"blocked by policy"}' }],
    [{ status: 403 }],
  ])('may be taken later where a 403 does not say why, and others do not wait for it: %#', async (reply) => {
    const error = await written(reply)
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: '403', onlyThis: true })
    expect(error.message).toContain('what stands before EspoCRM')
  })

  it('may be taken when the key is right', async () => {
    expect(await written({ status: 401 })).toMatchObject({
      certainty: 'retryable',
      retryAfterMs: 300_000,
      message: 'espocrm: POST Note: answered HTTP 401 (check ESPOCRM_API_KEY)',
    })
  })

  it('is tried again when a proxy before it wants a pause', async () => {
    expect(await written({ status: 429, headers: { 'retry-after': '7' } })).toMatchObject({
      certainty: 'retryable',
      retryAfterMs: 7_000,
    })
  })

  it.each([[proxyPage], [{ status: 302, headers: { location: 'https://login.example.com' } }]])(
    'was never shown to EspoCRM where something else answers: %#',
    async (reply) => {
      const error = await written(reply)
      expect(error).toMatchObject({ certainty: 'retryable' })
      expect(error.message).toContain('(check ESPOCRM_URL)')
    },
  )

  it.each<[Reply]>([
    [no(500, 'sendingFail')],
    [{ status: 502, body: '<html>' }],
    ['reset'],
    [{ status: 200, body: '<html>' }],
    [{ status: 200, body: { ok: true } }],
  ])('may have been done: %#', async (reply) => {
    expect(await written(reply)).toMatchObject({ certainty: 'unknown' })
  })

  it('was surely not done where nobody listens', async () => {
    const { crm } = crmAt(await nobodyListens())
    expect(await failure(crm.trace(message))).toMatchObject({
      certainty: 'retryable',
      providerCode: 'ECONNREFUSED',
    })
  })

  it('quotes neither key nor address', async () => {
    const error = await written(no(400, `no ${apiKey} for dana@example.org and +33612345678`))
    expect(error.message).toBe('espocrm: POST Note: no <hidden> for <address> and <number>')
  })
})

describe('a look-up that fails', () => {
  it.each<[Reply]>([
    [no(500)],
    [{ status: 502, body: '<html>' }],
    ['reset'],
    [{ status: 200, body: '<html>' }],
    [proxyPage],
    [no(403, 'No read access.')],
  ])('leaves things as they were: %#', async (reply) => {
    expect(await lookedUp(reply)).toMatchObject({ certainty: 'retryable' })
  })

  it.each<[Reply]>([
    [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Forbidden</h1>' }],
    [{ status: 403, body: '<html>Just a moment</html>' }],
    [{ status: 403 }],
  ])('with a 403 that does not say why cannot be asked now, whoever else asks: %#', async (reply) => {
    expect(await lookedUp(reply)).toMatchObject({ certainty: 'retryable', onlyThis: false })
  })

  it('that cannot be asked so is not repeated', async () => {
    expect(await lookedUp(no(400, 'Bad request.'))).toMatchObject({ certainty: 'permanent' })
  })
})
