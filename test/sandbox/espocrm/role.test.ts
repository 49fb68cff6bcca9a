import { describe, expect, it, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { startCrm } from './crm.ts'

async function setUp(forbid: { scopes?: string[]; fields?: string[]; assignment?: 'no' } = {}) {
  const crm = await startCrm()
  const { switches } = crm.sandbox.crm
  const { id } = crm.sandbox.crm.lead({ firstName: 'Dana', lastName: 'L', status: 'New' })
  switches.forbiddenScopes = forbid.scopes ?? []
  switches.forbiddenFields = forbid.fields ?? []
  switches.assignment = forbid.assignment ?? 'all'
  return { ...crm, id }
}

test('a scope that the role forbids is 403, whatever is wanted of it', async () => {
  const { call, id } = await setUp({ scopes: ['Lead'] })
  const refusal = (action: string) => ({ status: 403, reason: `No ${action} access.` })
  expect(await call('GET', 'Lead')).toMatchObject(refusal('read'))
  expect(await call('GET', `Lead/${id}`)).toMatchObject(refusal('read'))
  expect(await call('POST', 'Lead', {})).toMatchObject(refusal('create'))
  expect(await call('PUT', `Lead/${id}`, {})).toMatchObject(refusal('edit'))
  expect(await call('DELETE', `Lead/${id}`)).toMatchObject(refusal('delete'))
  expect((await call('GET', 'Contact')).status).toBe(200)
})

test('one action may be forbidden alone', async () => {
  const { call, id } = await setUp({ scopes: ['Lead.edit'] })
  expect((await call('GET', `Lead/${id}`)).status).toBe(200)
  expect((await call('PUT', `Lead/${id}`, { status: 'Dead' })).status).toBe(403)
})

test('what the role does not read can neither be linked nor searched for', async () => {
  const { call, search, id } = await setUp({ scopes: ['Lead.read'] })
  const { assignedUserId } = credentials.espocrm
  const task = { name: 'x', assignedUserId, parentType: 'Lead', parentId: id }
  expect(await call('POST', 'Task', task)).toMatchObject({
    status: 403,
    reason: 'No foreign record access for link operation (Task:parent).',
  })
  expect(
    await search('Meeting', { where: [{ type: 'linkedWith', attribute: 'leads', value: [id] }] }),
  ).toMatchObject({
    status: 400,
    reason: "Forbidden link 'leads' in where.",
  })
})

describe('a field that the role forbids', () => {
  it('to edit is dropped without a word', async () => {
    const { call, id } = await setUp({ fields: ['Lead.status', 'Lead.phoneNumber'] })
    const change = {
      status: 'Dead',
      phoneNumber: '+33612345678',
      phoneNumberIsOptedOut: true,
      description: 'x',
    }
    const { status, body } = await call('PUT', `Lead/${id}`, change)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      status: 'New',
      phoneNumber: null,
      phoneNumberIsOptedOut: false,
      description: 'x',
    })
  })

  it('to read is not shown, and not to be searched for', async () => {
    const { call, search, id } = await setUp({ fields: ['Lead.status:read'] })
    expect((await call('GET', `Lead/${id}`)).body).not.toHaveProperty('status')
    expect((await call('PUT', `Lead/${id}`, { status: 'Dead' })).body).not.toHaveProperty('status')
    expect(
      await search('Lead', { where: [{ type: 'equals', attribute: 'status', value: 'New' }] }),
    ).toMatchObject({
      status: 400,
      reason: "Forbidden attribute 'status' in where.",
    })
  })
})

test('without the assignment permission nothing is assigned to others', async () => {
  const { call, id } = await setUp({ assignment: 'no' })
  const { assignedUserId, userId } = credentials.espocrm
  expect(await call('PUT', `Lead/${id}`, { assignedUserId })).toMatchObject({
    status: 403,
    reason: 'Assignment failure: assigned user or team not allowed.',
  })
  expect((await call('PUT', `Lead/${id}`, { assignedUserId: userId })).status).toBe(200)
})

test('users are only read', async () => {
  const { call } = await setUp()
  expect((await call('POST', 'User', { userName: 'x' })).status).toBe(403)
  expect((await call('GET', `User/${credentials.espocrm.assignedUserId}`)).body).toMatchObject({
    name: 'Claire Martin',
  })
})

describe('a client that tests itself', () => {
  it('sees in App/user what the role allows', async () => {
    const { call } = await setUp({
      scopes: ['Account', 'Import', 'Lead.stream'],
      fields: ['Email.cMessageId', 'Email.body:read'],
    })
    const { body } = await call('GET', 'App/user')
    expect(body.acl).toMatchObject({
      table: {
        Lead: { create: 'yes', read: 'all', edit: 'all', delete: 'all', stream: 'no' },
        Contact: { stream: 'all' },
        Email: { create: 'yes', read: 'all' },
      },
      fieldTable: { Email: { cMessageId: { read: 'yes', edit: 'no' }, body: { read: 'no', edit: 'no' } } },
      assignmentPermission: 'all',
    })
    for (const scope of ['Account', 'Import', 'Note']) expect(body.acl.table).not.toHaveProperty(scope)
    expect(body.user).toMatchObject({ id: credentials.espocrm.userId, type: 'api' })
  })

  it('sees the scope Import where it is granted', async () => {
    const { call } = await setUp()
    expect((await call('GET', 'App/user')).body.acl.table.Import).toBe(true)
  })

  it('sees in Metadata which fields there are', async () => {
    const { sandbox, call } = await setUp()
    const fields = async () => (await call('GET', 'Metadata?key=entityDefs.Email.fields')).body
    expect(await fields()).toMatchObject({
      status: { type: 'enum', options: ['Draft', 'Sending', 'Sent', 'Archived', 'Failed'] },
      cDeliveryStatus: {
        type: 'enum',
        isCustom: true,
        options: expect.arrayContaining(['Delivered', 'Spam']),
      },
    })
    sandbox.crm.switches.fields = 'missing'
    expect(await fields()).not.toHaveProperty('cDeliveryStatus')
    expect((await call('GET', 'Metadata?key=entityDefs.Nothing.fields')).body).toBeNull()
    sandbox.crm.switches.forbiddenScopes = ['Email']
    expect(await fields()).toBeNull()
  })
})
