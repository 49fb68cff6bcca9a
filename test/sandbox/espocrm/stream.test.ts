import { describe, expect, it, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { startCrm } from './crm.ts'

async function setUp() {
  const crm = await startCrm()
  const { id } = crm.sandbox.crm.lead({ firstName: 'Dana' })
  const post = (text: string, more = {}) =>
    crm.call('POST', 'Note', { type: 'Post', parentType: 'Lead', parentId: id, post: text, ...more })
  return { ...crm, id, post }
}

describe('a note', () => {
  it('is a post, dated when it came, whatever was sent', async () => {
    const { post } = await setUp()
    const { status, body } = await post('Bonjour', {
      type: 'EmailSent',
      createdAt: '2020-01-01 00:00:00',
      number: 1,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      type: 'Post',
      post: 'Bonjour',
      parentName: 'Dana',
      createdAt: '2026-11-22 10:00:00',
    })
  })

  it('that comes twice is there twice', async () => {
    const { sandbox, post } = await setUp()
    await post('Bonjour')
    await post('Bonjour')
    expect(sandbox.crm.records('Note')).toHaveLength(2)
  })

  it('needs a parent that is there, and whose stream the role sees', async () => {
    const { sandbox, post, call } = await setUp()
    const refusal = { status: 403, reason: 'No create access.' }
    expect(await post('x', { parentId: 'gone' })).toMatchObject(refusal)
    const email = await call('POST', 'Email', { name: 'x', from: 'a@example.com', to: 'b@example.com' })
    expect(await post('x', { parentType: 'Email', parentId: email.body.id })).toMatchObject(refusal)
    sandbox.crm.switches.forbiddenScopes = ['Lead.stream']
    expect(await post('x')).toMatchObject(refusal)
    expect(sandbox.crm.records('Note')).toEqual([])
  })

  it('keeps its parent, and is internal nowhere here', async () => {
    const { sandbox, post, call, id } = await setUp()
    const other = sandbox.crm.lead({ firstName: 'Other' })
    const { body } = await post('Bonjour')
    const changed = await call('PUT', `Note/${body.id}`, { post: 'Salut', parentId: other.id })
    expect(changed.body).toMatchObject({ post: 'Salut', parentId: id })
    expect(await post('x', { isInternal: true })).toMatchObject({
      status: 403,
      reason: 'Internal note is not allowed.',
    })
  })
})

describe('the stream', () => {
  it('of a record shows its posts, the newest first, whichever way it is asked', async () => {
    const { sandbox, id, post, call } = await setUp()
    await post('one')
    await post('two')
    await post('elsewhere', { parentId: sandbox.crm.lead({ firstName: 'Other' }).id })
    const stream = await call('GET', `Lead/${id}/stream?maxSize=20&offset=0`)
    expect(stream.body).toMatchObject({ total: 2, list: [{ post: 'two' }, { post: 'one' }], pinnedList: [] })
    const posts = await call('GET', `Lead/${id}/posts?orderBy=createdAt&order=asc&maxSize=1`)
    expect(posts.body).toMatchObject({ total: 2, list: [{ post: 'two' }] })
  })

  it('is searched by what a post contains, in which an underscore is any character', async () => {
    const { id, post, search } = await setUp()
    await post('Oui [m:5f7a8b9c0d1e]')
    await post('Non')
    const found = async (value: string) =>
      (await search(`Lead/${id}/posts`, { where: [{ type: 'contains', attribute: 'post', value }] })).body
        .total
    expect([
      await found('[m:5f7a8b9c0d1e]'),
      await found('[M:5F7A'),
      await found('N_N'),
      await found('x'),
    ]).toEqual([1, 1, 1, 0])
  })

  it('is not there where the record is not, and forbidden where the role forbids it', async () => {
    const { sandbox, id, call } = await setUp()
    expect(await call('GET', 'Lead/gone/stream')).toMatchObject({ status: 404, reason: 'Record not found.' })
    sandbox.crm.switches.forbiddenScopes = ['Lead.stream']
    expect(await call('GET', `Lead/${id}/posts`)).toMatchObject({ status: 403, reason: 'No stream access.' })
    expect((await call('GET', `Lead/${id}`)).status).toBe(200)
  })
})

test('a task is for somebody, not started and of normal priority unless told otherwise', async () => {
  const { call, id } = await setUp()
  const { assignedUserId } = credentials.espocrm
  const task = {
    name: 'Call back',
    parentType: 'Lead',
    parentId: id,
    assignedUserId,
    dateEnd: '2026-11-23 08:00:00',
  }
  const { status, body } = await call('POST', 'Task', task)
  expect(status).toBe(200)
  expect(body).toMatchObject({ ...task, status: 'Not Started', priority: 'Normal', parentName: 'Dana' })
  expect((await call('PUT', `Task/${body.id}`, { status: 'Completed' })).body.versionNumber).toBe(2)
})
