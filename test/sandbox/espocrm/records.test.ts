import { describe, expect, it, test } from 'vitest'
import { failure, startCrm } from './crm.ts'

test('a record is made with 200, read, changed by PUT and PATCH alike, and taken away with true', async () => {
  const { call } = await startCrm()
  const made = await call('POST', 'Lead', { firstName: 'Dana', lastName: 'L' })
  expect(made).toMatchObject({
    status: 200,
    body: { name: 'Dana L', status: 'New', createdAt: '2026-11-22 10:00:00' },
  })
  expect(made.body.id).toMatch(/^[0-9a-f]{17}$/)
  const path = `Lead/${made.body.id}`
  expect((await call('PUT', path, { status: 'Assigned' })).body).toMatchObject({
    status: 'Assigned',
    firstName: 'Dana',
  })
  expect((await call('PATCH', path, { description: 'x' })).body).toMatchObject({
    status: 'Assigned',
    description: 'x',
  })
  expect((await call('GET', path)).body).toMatchObject({
    status: 'Assigned',
    description: 'x',
    accountName: null,
  })
  expect(await call('DELETE', path)).toMatchObject({ status: 200, body: true })
  expect(await call('GET', path)).toMatchObject({
    status: 404,
    reason: `Record ${made.body.id} does not exist.`,
  })
  expect(await call('PUT', path, {})).toMatchObject({
    status: 404,
    reason: `Record ${made.body.id} not found.`,
  })
})

test('what is not a field of ours to set is dropped without a word', async () => {
  const { sandbox, call } = await startCrm()
  const dropped = {
    id: 'mine',
    name: 'Somebody Else',
    deleted: true,
    createdAt: '2020-01-01 00:00:00',
    createdById: 'me',
    modifiedAt: '2020-01-01 00:00:00',
    convertedAt: '2020-01-01 00:00:00',
    versionNumber: 7,
    assignedUserName: 'Nobody',
    madeUp: 1,
    phoneNumberNumeric: '33612345678',
  }
  const { body } = await call('POST', 'Lead', { lastName: 'L', ...dropped })
  expect(body).toMatchObject({ name: 'L', deleted: false, assignedUserName: null, convertedAt: null })
  for (const [name, value] of Object.entries(dropped)) expect(body[name], name).not.toEqual(value)
  expect(sandbox.crm.writes()).toMatchObject([
    { action: 'create', entity: 'Lead', id: body.id, sent: dropped },
  ])
})

describe('a body', () => {
  it('without its Content-Type is not there: a lead is made of nothing, a contact is refused', async () => {
    const { sandbox, call } = await startCrm()
    const body = { firstName: 'Dana', lastName: 'L' }
    const headers = { 'content-type': 'text/plain' }
    expect(await call('POST', 'Contact', body, headers)).toEqual(failure('Contact', 'lastName', 'required'))
    expect(await call('POST', 'Lead', body, headers)).toMatchObject({ status: 200, body: { name: null } })
    expect(sandbox.crm.records('Contact')).toEqual([])
  })

  it('may be a form, as PHP takes one', async () => {
    const { call } = await startCrm()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await call('POST', 'Lead', 'lastName=L', headers)).body).toMatchObject({ lastName: 'L' })
  })

  it('that is a list creates no two records', async () => {
    const { sandbox, call } = await startCrm()
    expect((await call('POST', 'Lead', [{ lastName: 'A' }, { lastName: 'B' }])).status).toBe(200)
    expect(sandbox.crm.records('Lead')).toMatchObject([{ lastName: null }])
  })

  it('that is not an object is refused, and one that is not JSON breaks it', async () => {
    const { call } = await startCrm()
    expect(await call('POST', 'Lead', '7')).toMatchObject({
      status: 400,
      reason: 'Body is not a JSON object.',
    })
    expect(await call('POST', 'Lead', '{"lastName":')).toMatchObject({ status: 500, reason: null })
    expect(await call('POST', 'Lead', { lastName: { first: 'A' } })).toMatchObject({
      status: 500,
      reason: null,
    })
  })
})

describe('a field', () => {
  it.each([
    ['Lead', 'status', 'valid', { status: 'Lost' }],
    ['Lead', 'source', 'valid', { source: 'WhatsApp' }],
    ['Lead', 'firstName', 'maxLength', { firstName: 'x'.repeat(101) }],
    ['Lead', 'assignedUser', 'pattern', { assignedUserId: 'a b' }],
    ['Contact', 'lastName', 'required', { lastName: '' }],
    ['Account', 'name', 'required', {}],
    ['Account', 'name', 'pattern', { name: 'a < b' }],
    ['Task', 'name', 'required', { status: 'Not Started' }],
    ['Task', 'priority', 'valid', { name: 'x', priority: 'Highest' }],
    ['Task', 'parent', 'valid', { name: 'x', parentType: 'Meeting', parentId: 'x' }],
    ['Task', 'assignedUser', 'required', { name: 'x' }],
  ])('of %s that does not hold what it may is named: %s %s', async (entity, field, type, body) => {
    const { sandbox, call } = await startCrm()
    expect(await call('POST', entity, body)).toEqual(failure(entity, field, type))
    expect(sandbox.crm.records(entity === 'Lead' ? 'Lead' : 'Task')).toEqual([])
  })

  it('that a change does not touch is not looked at', async () => {
    const { sandbox, call } = await startCrm()
    const { id } = sandbox.crm.lead({ phone: '0612345678' })
    expect((await call('PUT', `Lead/${id}`, { status: 'Dead' })).status).toBe(200)
    expect(await call('PUT', `Lead/${id}`, { status: null })).toEqual(failure('Lead', 'status', 'valid'))
  })
})

test('a link to what is not there is refused', async () => {
  const { call } = await startCrm()
  const missing = (link: string) => `Can't relate with non-existing record. entity type: Lead, link: ${link}.`
  expect(await call('POST', 'Lead', { lastName: 'L', assignedUserId: 'nobody' })).toMatchObject({
    status: 403,
    reason: missing('assignedUser'),
    body: { messageTranslation: { label: 'cannotRelateNonExisting', data: { foreignEntityType: 'User' } } },
  })
  expect(await call('POST', 'Lead', { lastName: 'L', teamsIds: ['none'] })).toMatchObject({
    status: 403,
    reason: missing('teams'),
  })
})

test('what counts its versions refuses a change of an old one, where the change makes a difference', async () => {
  const { call } = await startCrm()
  const { body } = await call('POST', 'Account', { name: 'A' })
  expect(body.versionNumber).toBe(1)
  const change = (name: string) => call('PUT', `Account/${body.id}`, { name }, { 'x-version-number': '1' })
  expect((await change('B')).body.versionNumber).toBe(2)
  expect(await change('C')).toMatchObject({
    status: 409,
    reason: 'modified',
    body: { values: { name: 'B' }, versionNumber: 2 },
  })
  expect((await change('B')).status).toBe(200)
})

test('an entity or a path that is not there is 404', async () => {
  const { call } = await startCrm()
  expect(await call('GET', 'Opportunity')).toMatchObject({
    status: 404,
    reason: "Controller 'Opportunity' does not exist.",
  })
  expect((await call('GET', 'Lead/1/2/3/4')).status).toBe(404)
})

describe('a duplicate', () => {
  it('by first and last name, or by any email address, is answered 409 with the records', async () => {
    const { sandbox, call } = await startCrm()
    const { id } = sandbox.crm.lead({ firstName: 'Dana', lastName: 'Lévy', email: 'Dana@example.org' })
    const hit = { status: 409, reason: 'duplicate', body: [{ id, emailAddress: 'Dana@example.org' }] }
    expect(await call('POST', 'Lead', { firstName: 'dana', lastName: 'Levy' })).toMatchObject(hit)
    expect(await call('POST', 'Lead', { lastName: 'X', emailAddress: 'dana@Example.org' })).toMatchObject(hit)
    const emailAddressData = [{ emailAddress: 'new@example.org' }, { emailAddress: 'dana@example.org' }]
    expect(await call('POST', 'Lead', { lastName: 'X', emailAddressData })).toMatchObject(hit)
    expect(sandbox.crm.records('Lead')).toHaveLength(1)
  })

  it('is none by its last name or its number alone, nor in another entity', async () => {
    const { sandbox, call } = await startCrm()
    sandbox.crm.lead({ firstName: 'Dana', lastName: 'L', phone: '+33612345678' })
    expect((await call('POST', 'Lead', { lastName: 'L', phoneNumber: '+33612345678' })).status).toBe(200)
    expect((await call('POST', 'Contact', { firstName: 'Dana', lastName: 'L' })).status).toBe(200)
  })

  it('is made all the same where the client says so, and is not looked for in a change', async () => {
    const { sandbox, call } = await startCrm()
    sandbox.crm.lead({ firstName: 'Dana', lastName: 'L' })
    const dana = { firstName: 'Dana', lastName: 'L' }
    const skip = { 'x-skip-duplicate-check': 'true' }
    expect((await call('POST', 'Lead', dana, skip)).status).toBe(200)
    expect((await call('POST', 'Lead', { ...dana, _skipDuplicateCheck: true })).status).toBe(200)
    const { body } = await call('POST', 'Lead', { lastName: 'Other' })
    expect((await call('PUT', `Lead/${body.id}`, dana)).status).toBe(200)
    expect((await call('POST', 'Lead', dana, { 'x-skip-duplicate-check': 'false' })).status).toBe(409)
  })
})
