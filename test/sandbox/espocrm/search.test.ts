import { describe, expect, it, test } from 'vitest'
import { type Crm, startCrm } from './crm.ts'

/** Three leads, one made each second. */
async function setUp() {
  const crm = await startCrm()
  const ids = ['Anna', 'Béa', 'Carl'].map((firstName) => {
    crm.clock.now = new Date(crm.clock.now.getTime() + 1_000)
    return crm.sandbox.crm.lead({ firstName, lastName: 'L', status: firstName === 'Carl' ? 'Dead' : 'New' })
      .id
  })
  return { ...crm, ids }
}

const idsOf = ({ body }: Awaited<ReturnType<Crm['call']>>) => body.list.map(({ id }: { id: string }) => id)

test('a list is the newest first, counted, and paged by offset and maxSize', async () => {
  const { call, ids } = await setUp()
  const all = await call('GET', 'Lead')
  expect(all.body.total).toBe(3)
  expect(idsOf(all)).toEqual(ids.toReversed())
  const page = await call('GET', 'Lead?maxSize=1&offset=1')
  expect(page.body.total).toBe(3)
  expect(idsOf(page)).toEqual([ids[1]])
})

test('a list is not counted where the client wants none', async () => {
  const { call } = await setUp()
  const total = async (size: number) =>
    (await call('GET', `Lead?maxSize=${size}`, undefined, { 'x-no-total': 'true' })).body.total
  expect([await total(2), await total(3)]).toEqual([-1, -2])
})

test('more than 200 at once are refused, with 403', async () => {
  const { search, call } = await setUp()
  const refusal = { status: 403, reason: 'Max size should not exceed 200. Use offset and limit.' }
  expect(await search('Lead', { maxSize: 201 })).toMatchObject(refusal)
  expect(await call('GET', 'Lead?maxSize=201')).toMatchObject(refusal)
  expect((await search('Lead', { maxSize: 200 })).status).toBe(200)
})

test('a search comes as JSON or as PHP’s parameters, in which a plus is a space', async () => {
  const { sandbox, call, search } = await setUp()
  const { id } = sandbox.crm.lead({ phone: '+33612345678' })
  const where = (value: string) =>
    `where[0][type]=equals&where[0][attribute]=phoneNumber&where[0][value]=${value}&select=id,name`
  expect(idsOf(await call('GET', `Lead?${where('%2B33612345678')}`))).toEqual([id])
  expect(idsOf(await call('GET', `Lead?${where('+33612345678')}`))).toEqual([])
  const item = { type: 'equals', attribute: 'phoneNumber', value: '+33612345678' }
  expect(idsOf(await search('Lead', { where: [item] }))).toEqual([id])
  const group = where('%2B33612345678')
    .replaceAll('where[', 'whereGroup[')
    .replace('select', 'attributeSelect')
  expect(idsOf(await call('GET', `Lead?${group}`))).toEqual([id])
})

test('select says which attributes come, beside the id and those EspoCRM adds', async () => {
  const { search } = await setUp()
  const { body } = await search('Lead', { select: ['firstName', 'madeUp'], maxSize: 1 })
  expect(Object.keys(body.list[0]).toSorted()).toEqual(
    ['assignedUserId', 'createdAt', 'createdById', 'firstName', 'id'].toSorted(),
  )
})

test('a list never holds the list of numbers, and links to many only where they are selected', async () => {
  const { sandbox, search, call } = await setUp()
  const { id } = sandbox.crm.lead({ phone: '+33612345678' })
  sandbox.crm.meeting({ dateStart: '2026-11-25 08:00:00', leads: [id] })
  const { body } = await search('Lead', { select: ['phoneNumber', 'phoneNumberData'], maxSize: 1 })
  expect(body.list[0]).toMatchObject({ phoneNumber: '+33612345678' })
  expect(body.list[0]).not.toHaveProperty('phoneNumberData')
  expect((await call('GET', 'Meeting')).body.list[0]).not.toHaveProperty('leadsIds')
  expect((await search('Meeting', { select: ['leadsColumns'] })).body.list[0]).toMatchObject({
    leadsIds: [id],
    leadsColumns: { [id]: { status: 'None' } },
  })
})

test('a list is in the order of a field, ascending unless told otherwise', async () => {
  const { search, ids } = await setUp()
  expect(idsOf(await search('Lead', { orderBy: 'createdAt' }))).toEqual(ids)
  expect(idsOf(await search('Lead', { orderBy: 'firstName', order: 'desc' }))).toEqual(ids.toReversed())
})

describe('what EspoCRM does not understand is 400:', () => {
  it.each([
    [
      { where: [{ type: 'equals', attribute: 'mobile', value: '1' }] },
      "Not existing attribute 'mobile' in where.",
    ],
    [{ where: [{ type: 'is', attribute: 'name', value: 'x' }] }, "Unknown where item type 'is'."],
    [{ where: [{ attribute: 'name', value: 'x' }] }, "Bad where item. No 'type'."],
    [{ where: [{ type: 'equals', value: 'x' }] }, "Bad where item. No 'attribute'."],
    [{ where: [{ type: 'in', attribute: 'status', value: 'New' }] }, "Bad where item 'in'."],
    [{ where: [{ type: 'between', attribute: 'createdAt', value: [] }] }, "Bad where item 'between'."],
    [{ where: [{ type: 'not', value: [] }] }, 'Sub-queries are forbidden in where.'],
    [{ where: [{ type: 'or', value: 'x' }] }, 'Bad where item.'],
    [
      { where: [{ type: 'equals', attribute: 'LOWER:(name)', value: 'x' }] },
      'Complex expressions are forbidden in where.',
    ],
    [
      { where: [{ type: 'linkedWith', attribute: 'cases', value: ['x'] }] },
      "Not existing relation 'cases' in where.",
    ],
    [{ where: [{ type: 'linkedWith', attribute: 'teams', value: ['x'] }] }, "Record 'Team' `x` not found."],
    [{ where: [{ type: 'linkedWith', attribute: 'teams', value: [7] }] }, 'Bad where item. Non-string ID.'],
    [{ where: { type: 'equals' } }, 'where should be array.'],
    [{ select: 'id,name' }, 'select should be array.'],
    [{ order: 'up' }, 'order value is bad.'],
    [{ orderBy: 'mobile' }, "Order by non-existing field 'mobile'."],
    [{ maxSize: 'many' }, 'maxSize must be integer.'],
  ])('%j', async (search, reason) => {
    const crm = await startCrm()
    expect(await crm.search('Lead', search)).toMatchObject({ status: 400, reason })
  })

  it('a parameter that is not JSON', async () => {
    const { call } = await startCrm()
    expect(await call('GET', 'Lead?searchParams={')).toMatchObject({
      status: 400,
      reason: 'Invalid search params JSON.',
    })
  })
})

describe('a condition', () => {
  it.each([
    ['equals', 'firstName', 'BEA', [1]],
    ['equals', 'status', ['Dead', 'New'], [2, 1, 0]],
    ['notEquals', 'status', 'Dead', [1, 0]],
    ['notEquals', 'accountName', 'x', []],
    ['in', 'status', ['Dead'], [2]],
    ['notIn', 'status', ['Dead'], [1, 0]],
    ['contains', 'firstName', 'ar', [2]],
    ['contains', 'firstName', 'a_n', [0]],
    ['notContains', 'firstName', 'a', []],
    ['startsWith', 'firstName', 'an', [0]],
    ['endsWith', 'firstName', 'a', [1, 0]],
    ['like', 'firstName', 'B%', [1]],
    ['greaterThan', 'createdAt', '2026-11-22 10:00:02', [2]],
    ['greaterThanOrEquals', 'createdAt', '2026-11-22 10:00:02', [2, 1]],
    ['lessThan', 'createdAt', '2026-11-22 10:00:02', [0]],
    ['before', 'createdAt', '2026-11-22 10:00:02', [0]],
    ['after', 'createdAt', '2026-11-22 10:00:02', [2]],
    ['lessThanOrEquals', 'createdAt', '2026-11-22 10:00:02', [1, 0]],
    ['between', 'createdAt', ['2026-11-22 10:00:02', '2026-11-22 10:00:03'], [2, 1]],
    ['isNull', 'accountName', undefined, [2, 1, 0]],
    ['isNotNull', 'accountName', undefined, []],
    ['isTrue', 'doNotCall', undefined, []],
    ['isFalse', 'phoneNumberIsOptedOut', undefined, [2, 1, 0]],
    ['today', 'createdAt', undefined, [2, 1, 0]],
    ['future', 'createdAt', undefined, []],
  ])('%s %s %j', async (type, attribute, value, found) => {
    const { find, ids } = await setUp()
    expect(await find('Lead', type, attribute, value)).toEqual(found.map((at) => ids[at]))
  })

  it('may be several, all or one of which hold', async () => {
    const { search, ids } = await setUp()
    const named = (value: string) => ({ type: 'equals', attribute: 'firstName', value })
    const dead = { type: 'equals', attribute: 'status', value: 'Dead' }
    const both = [{ type: 'or', value: [named('Anna'), { type: 'and', value: [named('Carl'), dead] }] }]
    expect(idsOf(await search('Lead', { where: both }))).toEqual([ids[2], ids[0]])
    expect(idsOf(await search('Lead', { where: [named('Anna'), dead] }))).toEqual([])
  })
})
