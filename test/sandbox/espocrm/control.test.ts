import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { json } from '#support/receiver.ts'
import { startCrm } from './crm.ts'

async function setUp() {
  const lines: string[] = []
  const crm = await startCrm({ log: ({ event, text }) => lines.push(`${event} ${text}`) })
  const control = (method: string, path: string, body?: unknown) =>
    fetch(`${crm.sandbox.url}/sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { ...crm, control, lines }
}

test('records are made by the control, as nobody could by the API, and seen with every write', async () => {
  const { control, call } = await setUp()
  const order = { firstName: 'Dana', lastName: 'L', phone: '0612345678', email: 'dana@example.org' }
  const lead = await json(
    await control('POST', '/crm/lead', { ...order, createdAt: '2026-01-05T09:00:00Z' }),
    {
      id: z.string(),
    },
  )
  const meeting = {
    dateStart: '2026-11-25 08:00:00',
    leads: [lead.id],
    parent: { type: 'Lead', id: lead.id },
  }
  expect(await (await control('POST', '/crm/meeting', meeting)).json()).toMatchObject({
    status: 'Planned',
    dateEnd: '2026-11-25 08:30:00',
    leadsColumns: { [lead.id]: { status: 'None' } },
    parentName: 'Dana L',
  })
  await control('POST', '/crm/contact', order)
  await control('POST', '/crm/account', { name: 'Clinique' })
  await call('PUT', `Lead/${lead.id}`, { status: 'Dead', madeUp: 1 })
  const { records, writes } = await json(await control('GET', '/crm'), {
    records: z.array(z.looseObject({ entity: z.string() })),
    writes: z.array(z.unknown()),
  })
  expect(records.map(({ entity }) => entity)).toEqual([
    'User',
    'User',
    'Team',
    'Lead',
    'Meeting',
    'Contact',
    'Account',
  ])
  expect(records[3]).toMatchObject({
    id: lead.id,
    status: 'Dead',
    phoneNumber: '0612345678',
    emailAddress: 'dana@example.org',
    createdAt: '2026-01-05 09:00:00',
  })
  expect(writes).toEqual([
    {
      at: '2026-11-22 10:00:00',
      action: 'update',
      entity: 'Lead',
      id: lead.id,
      sent: { status: 'Dead', madeUp: 1 },
    },
  ])
})

test.each([
  ['/crm/lead', { mobile: '1' }, 'mobile'],
  ['/crm/meeting', { dateStart: 'tomorrow' }, 'dateStart'],
  ['/crm/switches', { fields: 'some' }, 'fields'],
  ['/crm/switches', { forbiddenScopes: ['lead'] }, 'forbiddenScopes.0'],
  ['/crm/unanswered', { kind: 'slow' }, 'kind'],
])('%s says what is wrong with %j', async (path, body, field) => {
  const { control } = await setUp()
  const response = await control('POST', path, body)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ field })
})

test('the switches are set by the control, each by itself', async () => {
  const { control, sandbox } = await setUp()
  await control('POST', '/crm/switches', { fields: 'missing' })
  await control('POST', '/crm/switches', { forbiddenScopes: ['Import'] })
  expect(sandbox.crm.switches).toMatchObject({
    fields: 'missing',
    forbiddenScopes: ['Import'],
    internationalPhones: true,
  })
})

describe('an outage', () => {
  it.each([
    ['down', { status: 500, reason: null }],
    ['refuse', { status: 503, reason: 'Application is in maintenance mode.' }],
  ] as const)('of the kind %s takes nothing', async (kind, answer) => {
    const { sandbox, call } = await setUp()
    sandbox.outage({ provider: 'espocrm', kind, count: 1 })
    expect(await call('GET', 'Lead')).toMatchObject(answer)
    expect(await call('POST', 'Lead', { lastName: 'L' })).toMatchObject(answer)
    expect(sandbox.crm.records('Lead')).toEqual([])
    expect((await call('POST', 'Lead', { lastName: 'L' })).status).toBe(200)
  })

  it('may be silence, until it is over', async () => {
    const { sandbox, call, control, clock } = await setUp()
    await control('POST', '/outage', { provider: 'espocrm', kind: 'timeout', seconds: 3_600 })
    await expect(call('POST', 'Lead', { lastName: 'L' })).rejects.toThrow()
    clock.now = new Date(clock.now.getTime() + 3_600_000)
    expect((await call('POST', 'Lead', { lastName: 'L' })).status).toBe(200)
    expect(sandbox.crm.records('Lead')).toHaveLength(1)
  })
})

test.each(['timeout', 'drop'] as const)(
  'a write may be done and left without an answer: %s',
  async (kind) => {
    const { sandbox, call, control } = await setUp()
    await control('POST', '/crm/unanswered', { kind })
    expect((await call('GET', 'Lead')).status).toBe(200)
    expect((await call('POST', 'Contact', {})).status).toBe(400)
    await expect(call('POST', 'Lead', { lastName: 'L' })).rejects.toThrow()
    expect(sandbox.crm.records('Lead')).toHaveLength(1)
    expect((await call('PUT', `Lead/${sandbox.crm.records('Lead')[0]?.id}`, { lastName: 'M' })).status).toBe(
      200,
    )
  },
)

test('several writes may be left without an answer', async () => {
  const { sandbox, call } = await setUp()
  sandbox.crm.unanswered('drop', 2)
  await expect(call('POST', 'Lead', { lastName: 'A' })).rejects.toThrow()
  await expect(call('POST', 'Lead', { lastName: 'B' })).rejects.toThrow()
  expect((await call('POST', 'Lead', { lastName: 'C' })).status).toBe(200)
  expect(sandbox.crm.writes()).toHaveLength(3)
})

test('forgetting empties the CRM and lifts its bans, but keeps its switches and its people', async () => {
  const { sandbox, call } = await setUp()
  sandbox.crm.switches.internationalPhones = false
  sandbox.crm.unanswered('drop')
  const { id } = sandbox.crm.lead({ phone: '+33612345678' })
  for (let count = 0; count < 12; count++) await call('GET', 'Lead', undefined, { 'x-api-key': 'wrong' })
  sandbox.forget()
  expect(await call('GET', `Lead/${id}`)).toMatchObject({ status: 404 })
  const assignedUserId = sandbox.environment.ESPOCRM_ASSIGNED_USER_ID
  const { status, body } = await call('POST', 'Lead', {
    lastName: 'L',
    phoneNumber: '0612345678',
    assignedUserId,
  })
  expect(status).toBe(200)
  expect(body.phoneNumberIsOptedOut).toBe(false)
  expect(sandbox.crm.writes()).toHaveLength(1)
})

test('the page shows what is in the CRM', async () => {
  const { sandbox, control } = await setUp()
  sandbox.crm.lead({ firstName: '<script>' })
  const html = await (await fetch(`${sandbox.url}/sandbox`, { headers: { accept: 'text/html' } })).text()
  expect(html).toContain('In the CRM: 4')
  expect(html).toContain('&lt;script&gt;')
  expect((await control('GET', '/crm/nonsense')).status).toBe(404)
})

test('a write is a line that says what, and not of whom', async () => {
  const { call, lines, sandbox } = await setUp()
  await call('POST', 'Lead', { lastName: 'Secret', phoneNumber: '+33612345678' })
  await call('POST', 'Lead', { lastName: 'Secret', status: 'Lost' })
  expect(lines).toEqual([
    'record_written create Lead',
    'request_refused 400 Field validation failure; entityType: Lead, field: status, type: valid.',
  ])
  expect(lines.join()).not.toContain(sandbox.environment.ESPOCRM_API_KEY)
})
