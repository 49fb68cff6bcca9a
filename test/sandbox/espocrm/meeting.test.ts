import { describe, expect, it, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { failure, startCrm } from './crm.ts'

const { assignedUserId } = credentials.espocrm
const visit = { name: 'First visit', dateStart: '2026-11-25 08:00:00', assignedUserId }

/** A meeting with two leads, of which it is about the first. */
async function setUp() {
  const crm = await startCrm()
  const [anna, bea] = ['Anna', 'Béa'].map((firstName) => crm.sandbox.crm.lead({ firstName }).id)
  const people = { anna: anna ?? '', bea: bea ?? '' }
  const parent = { type: 'Lead', id: people.anna }
  const { id } = crm.sandbox.crm.meeting({ dateStart: visit.dateStart, leads: Object.values(people), parent })
  const change = (body: unknown) => crm.call('PUT', `Meeting/${id}`, body)
  const columns = async () => (await crm.call('GET', `Meeting/${id}`)).body.leadsColumns
  return { ...crm, ...people, id, change, columns }
}

test('a meeting is planned, and its user attends it', async () => {
  const { call } = await startCrm()
  const { status, body } = await call('POST', 'Meeting', visit)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    status: 'Planned',
    usersIds: [assignedUserId],
    leadsIds: [],
    leadsColumns: {},
  })
})

test.each([
  ['name', 'required', { name: '' }],
  ['name', 'pattern', { name: 'a > b' }],
  ['status', 'valid', { status: 'Confirmed' }],
  ['status', 'valid', { status: 'Canceled' }],
  ['dateStart', 'required', { dateStart: undefined }],
  ['dateStart', 'valid', { dateStart: '25.11.2026 08:00' }],
  ['assignedUser', 'required', { assignedUserId: undefined }],
  ['parent', 'valid', { parentType: 'Meeting', parentId: 'x' }],
  ['leads', 'pattern', { leadsIds: ['a b'] }],
  ['leads', 'columnsValid', { leadsColumns: { x: 'Accepted' } }],
])('%s is refused (%s) in %j', async (field, type, wrong) => {
  const { call } = await startCrm()
  expect(await call('POST', 'Meeting', { ...visit, ...wrong })).toEqual(failure('Meeting', field, type))
})

test('an attendee who is not there is refused', async () => {
  const { call } = await startCrm()
  expect(await call('POST', 'Meeting', { ...visit, leadsIds: ['gone'] })).toMatchObject({
    status: 403,
    reason: "Can't relate with non-existing record. entity type: Meeting, link: leads.",
  })
})

describe('attendees', () => {
  it('are not the person the meeting is about, unless both are said', async () => {
    const { sandbox, call, find } = await startCrm()
    const { id } = sandbox.crm.lead({ lastName: 'L' })
    const { body } = await call('POST', 'Meeting', { ...visit, parentType: 'Lead', parentId: id })
    expect(body).toMatchObject({ parentName: 'L', leadsIds: [] })
    expect(await find('Meeting', 'linkedWith', 'leads', [id])).toEqual([])
    expect(await find('Meeting', 'equals', 'parentId', id)).toEqual([body.id])
    expect((await call('GET', `Lead/${id}/meetings`)).body).toMatchObject({ total: 0, list: [] })
  })

  it('keep their list where only columns come, also of those who are not in it', async () => {
    const { anna, bea, change, columns, sandbox } = await setUp()
    const other = sandbox.crm.lead({ firstName: 'Carl' }).id
    const { body } = await change({
      leadsColumns: { [anna]: { status: 'Accepted' }, [other]: { status: 'Accepted' } },
    })
    // The answer shows what was sent, not what was kept.
    expect(body.leadsColumns).toHaveProperty(other)
    expect(await columns()).toEqual({ [anna]: { status: 'Accepted' }, [bea]: { status: 'None' } })
  })

  it('are replaced by a list of ids, and keep what they said', async () => {
    const { anna, bea, change, columns } = await setUp()
    await change({ leadsColumns: { [anna]: { status: 'Accepted' }, [bea]: { status: 'Declined' } } })
    await change({ leadsIds: [anna] })
    expect(await columns()).toEqual({ [anna]: { status: 'Accepted' } })
    await change({ leadsIds: [anna, bea], leadsColumns: { [anna]: { status: 'Declined' } } })
    expect(await columns()).toEqual({ [anna]: { status: 'Declined' }, [bea]: { status: 'None' } })
  })

  it('may say anything: its spelling is not checked', async () => {
    const { anna, change, columns } = await setUp()
    expect((await change({ leadsColumns: { [anna]: { status: 'accepted!' } } })).status).toBe(200)
    expect(await columns()).toMatchObject({ [anna]: { status: 'accepted!' } })
  })

  it('are listed with what they said', async () => {
    const { anna, id, call, change } = await setUp()
    await change({ leadsColumns: { [anna]: { status: 'Tentative' } } })
    const { body } = await call('GET', `Meeting/${id}/attendees`)
    expect(body.list).toMatchObject([
      { id: assignedUserId, acceptanceStatus: 'None' },
      { id: anna, name: 'Anna', acceptanceStatus: 'Tentative', emailAddress: null },
      { name: 'Béa', acceptanceStatus: 'None' },
    ])
    expect((await call('GET', 'Meeting/gone/attendees')).status).toBe(404)
  })

  it('find their meetings', async () => {
    const { anna, id, call, find } = await setUp()
    expect((await call('GET', `Lead/${anna}/meetings`)).body).toMatchObject({ total: 1, list: [{ id }] })
    expect(await find('Meeting', 'linkedWith', 'leads', [anna])).toEqual([id])
    expect(await find('Lead', 'linkedWith', 'meetings', [id])).toContain(anna)
    expect(await find('Meeting', 'isNotLinked', 'contacts')).toEqual([id])
    expect(await find('Meeting', 'notLinkedWith', 'leads', [anna])).toEqual([])
  })
})

test('setAcceptanceStatus is for the calling user alone, who must attend', async () => {
  const { id, call, sandbox } = await setUp()
  const accept = (status: string, meeting = id) =>
    call('POST', 'Meeting/action/setAcceptanceStatus', { id: meeting, status })
  expect(await accept('Accepted')).toMatchObject({ status: 403, reason: '' })
  expect(await accept('Yes')).toMatchObject({ status: 400, reason: 'Acceptance status not allowed.' })
  expect((await accept('Accepted', 'gone')).status).toBe(404)
  expect(await accept('')).toMatchObject({ status: 400, reason: 'No id or status.' })
  const { userId } = credentials.espocrm
  await call('PUT', `Meeting/${id}`, { usersIds: [userId] })
  expect(await accept('Declined')).toMatchObject({ status: 200, body: true })
  expect(sandbox.crm.record('Meeting', id)?.usersColumns).toEqual({
    [userId]: { status: 'Declined' },
    [assignedUserId]: { status: 'None' },
  })
})

test('a meeting is called off by Not Held', async () => {
  const { change } = await setUp()
  expect((await change({ status: 'Not Held' })).body.status).toBe('Not Held')
})

test('meetings are listed the latest first, and the next planned one of a lead is found by where and order', async () => {
  const { sandbox, anna, id, search, call, find } = await setUp()
  const at = (dateStart: string, more = {}) => sandbox.crm.meeting({ dateStart, ...more }).id
  const past = at('2026-11-20 08:00:00', { leads: [anna] })
  const cancelled = at('2026-11-24 08:00:00', { leads: [anna], status: 'Not Held' })
  const about = at('2026-11-24 09:00:00', { parent: { type: 'Lead', id: anna } })
  const others = at('2026-11-24 07:00:00')
  const all = (await call('GET', 'Meeting')).body.list.map((one: { id: string }) => one.id)
  expect(all).toEqual([id, about, cancelled, others, past])
  const { body } = await search('Meeting', {
    where: [
      { type: 'equals', attribute: 'status', value: 'Planned' },
      { type: 'greaterThan', attribute: 'dateStart', value: '2026-11-22 10:00:00' },
      {
        type: 'or',
        value: [
          { type: 'linkedWith', attribute: 'leads', value: [anna] },
          {
            type: 'and',
            value: [
              { type: 'equals', attribute: 'parentType', value: 'Lead' },
              { type: 'equals', attribute: 'parentId', value: anna },
            ],
          },
        ],
      },
    ],
    orderBy: 'dateStart',
    order: 'asc',
    maxSize: 1,
  })
  expect(body).toMatchObject({ total: 2, list: [{ id: about }] })
  expect(await find('Meeting', 'past', 'dateStart')).toEqual([past])
  expect(await find('Meeting', 'future', 'dateStart')).toEqual([id, about, cancelled, others])
  expect((await search('Meeting', { primaryFilter: 'planned', where: [] })).body.total).toBe(4)
})

test('an all-day meeting has the moments of its days', async () => {
  const { call } = await startCrm()
  const days = {
    dateStart: undefined,
    dateStartDate: '2026-11-25',
    dateEndDate: '2026-11-25',
    isAllDay: true,
  }
  expect((await call('POST', 'Meeting', { ...visit, ...days })).body).toMatchObject({
    dateStart: '2026-11-25 00:00:00',
    dateEnd: '2026-11-26 00:00:00',
  })
})
