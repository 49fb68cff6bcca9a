import { describe, expect, it, test } from 'vitest'
import { type Crm, failure, startCrm } from './crm.ts'

const email = { name: 'Votre devis', from: 'max@example.com', to: 'dana@example.org', body: '<p>Bonjour</p>' }

async function archived({ call }: Crm, more = {}) {
  const { body } = await call('POST', 'Email', { ...email, ...more })
  return `Email/${body.id}`
}

test('an email is archived unless told otherwise, undated unless dated, with a message id of the CRM’s own', async () => {
  const { call } = await startCrm()
  const { body } = await call('POST', 'Email', { ...email, messageId: '<mine@example.com>' })
  expect(body).toMatchObject({
    status: 'Archived',
    dateSent: null,
    isHtml: true,
    messageId: `dummy:${body.id}`,
  })
})

test('the subject goes by the name, or by subject', async () => {
  const { call } = await startCrm()
  const { name, ...rest } = email
  expect((await call('POST', 'Email', { ...rest, subject: name })).body).toMatchObject({ name })
})

test.each([
  ['status', 'valid', { status: 'Delivered' }],
  ['status', 'valid', { status: 'Bounced' }],
  ['name', 'required', { name: '' }],
  ['from', 'required', { from: undefined }],
  ['to', 'required', { to: undefined }],
  ['to', 'valid', { to: 'dana@example.org; nobody' }],
  ['cc', 'valid', { cc: 'nobody' }],
  ['dateSent', 'valid', { dateSent: '2026-11-22T07:15:00.000Z' }],
  ['dateSent', 'valid', { dateSent: '2026-02-30 07:15:00' }],
  ['dateSent', 'valid', { dateSent: 'yesterday' }],
  ['parent', 'valid', { parentType: 'Meeting', parentId: 'x' }],
  ['cDeliveryStatus', 'valid', { cDeliveryStatus: 'delivered' }],
  ['cMessageId', 'maxLength', { cMessageId: 'x'.repeat(65) }],
  ['cOpenedAt', 'valid', { cOpenedAt: '22.11.2026' }],
])('%s is refused (%s) in %j', async (field, type, wrong) => {
  const { sandbox, call } = await startCrm()
  expect(await call('POST', 'Email', { ...email, ...wrong })).toEqual(failure('Email', field, type))
  expect(sandbox.crm.records('Email')).toEqual([])
})

test.each([
  ['2026-11-22 07:15:00', '2026-11-22 07:15:00'],
  ['2026-11-22 07:15', '2026-11-22 07:15:00'],
  ['2026-11-22T08:15:00+01:00', '2026-11-22 07:15:00'],
])('the time %s is stored as %s', async (dateSent, stored) => {
  const { call } = await startCrm()
  expect((await call('POST', 'Email', { ...email, dateSent })).body.dateSent).toBe(stored)
})

test('a draft needs no recipient', async () => {
  const { call } = await startCrm()
  expect((await call('POST', 'Email', { ...email, to: '', status: 'Draft' })).status).toBe(200)
})

test('a parent that is not there is refused', async () => {
  const { call } = await startCrm()
  expect(await call('POST', 'Email', { ...email, parentType: 'Lead', parentId: 'gone' })).toMatchObject({
    status: 403,
    reason: "Can't relate with non-existing record. entity type: Email, link: parent.",
  })
})

test('Sending really sends, which fails here, and leaves a draft behind', async () => {
  const { sandbox, call } = await startCrm()
  const answer = await call('POST', 'Email', { ...email, status: 'Sending' })
  expect(answer).toMatchObject({ status: 500, reason: 'sendingFail' })
  expect(sandbox.crm.records('Email')).toMatchObject([{ id: answer.body.id, status: 'Draft' }])
})

describe('the sender', () => {
  it('must be the API user’s own address where the role has no Import', async () => {
    const { sandbox, call } = await startCrm()
    sandbox.crm.switches.forbiddenScopes = ['Import']
    expect(await call('POST', 'Email', email)).toMatchObject({
      status: 403,
      reason: "Not allowed 'from' address.",
    })
    expect((await call('POST', 'Email', { ...email, from: 'API@crm.example' })).status).toBe(200)
  })

  it('is not asked about again by a change of something else', async () => {
    const crm = await startCrm()
    const path = await archived(crm)
    crm.sandbox.crm.switches.forbiddenScopes = ['Import']
    expect((await crm.call('PUT', path, { cDeliveryStatus: 'Read' })).status).toBe(200)
    expect((await crm.call('PUT', path, { from: 'other@example.com' })).status).toBe(403)
  })
})

describe('a change', () => {
  it('of an archived email is taken, but its status stays', async () => {
    const crm = await startCrm()
    const path = await archived(crm)
    const change = { name: 'New', dateSent: '2026-11-22 07:15:00', cDeliveryStatus: 'Delivered' }
    expect((await crm.call('PUT', path, change)).body).toMatchObject(change)
    const { status, body } = await crm.call('PUT', path, {
      status: 'Sent',
      name: 'Newer',
      cDeliveryStatus: 'Read',
    })
    expect(status).toBe(200)
    // A change away from Archived takes the email's other fields with it; one's own stay.
    expect(body).toMatchObject({ status: 'Archived', name: 'New', cDeliveryStatus: 'Read' })
  })

  it('of a sent email is reverted without a word, but for its parent and one’s own fields', async () => {
    const crm = await startCrm()
    const lead = crm.sandbox.crm.lead({ lastName: 'L' })
    const path = await archived(crm, { status: 'Sent', dateSent: '2026-11-22 07:15:00' })
    const { status, body } = await crm.call('PUT', path, {
      name: 'New',
      status: 'Failed',
      dateSent: '2026-11-23 07:15:00',
      parentType: 'Lead',
      parentId: lead.id,
      cDeliveryStatus: 'Delivered',
      cDeliveredAt: '2026-11-22 07:16:00',
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      name: email.name,
      status: 'Sent',
      dateSent: '2026-11-22 07:15:00',
      parentId: lead.id,
      parentName: 'L',
      cDeliveryStatus: 'Delivered',
      cDeliveredAt: '2026-11-22 07:16:00',
    })
  })

  it('of the status to one that EspoCRM does not know is refused', async () => {
    const crm = await startCrm()
    const path = await archived(crm)
    expect(await crm.call('PUT', path, { status: 'Delivered' })).toEqual(failure('Email', 'status', 'valid'))
  })
})

test('a list of emails is never counted, and undated ones come last', async () => {
  const { call } = await startCrm()
  for (const dateSent of [undefined, '2026-11-22 07:15:00', '2026-11-23 07:15:00'])
    await call('POST', 'Email', { ...email, dateSent })
  const { body } = await call('GET', 'Email')
  expect(body.total).toBe(-2)
  expect(body.list.map(({ dateSent }: { dateSent: string }) => dateSent)).toEqual([
    '2026-11-23 07:15:00',
    '2026-11-22 07:15:00',
    null,
  ])
  expect((await call('GET', 'Email?maxSize=2')).body.total).toBe(-1)
})

describe('without the custom fields', () => {
  it('they are dropped from a write and unknown to a search', async () => {
    const { sandbox, call, search } = await startCrm()
    sandbox.crm.switches.fields = 'missing'
    const { body } = await call('POST', 'Email', { ...email, cMessageId: 'm-1', cDeliveryStatus: 'nonsense' })
    expect(body.cMessageId).toBeUndefined()
    expect(
      await search('Email', { where: [{ type: 'equals', attribute: 'cMessageId', value: 'm-1' }] }),
    ).toMatchObject({
      status: 400,
      reason: "Not existing attribute 'cMessageId' in where.",
    })
    sandbox.crm.switches.fields = 'installed'
    expect(sandbox.crm.record('Email', body.id)?.cMessageId).toBeNull()
  })
})

test('an email is found by a custom field', async () => {
  const { call, find } = await startCrm()
  const { body } = await call('POST', 'Email', { ...email, cMessageId: 'm-1' })
  expect(await find('Email', 'equals', 'cMessageId', 'm-1')).toEqual([body.id])
  expect(await find('Email', 'equals', 'cMessageId', 'm-2')).toEqual([])
})
