import { describe, expect, it } from 'vitest'
import type { PersonOrder } from '#sandbox/espocrm/crm.ts'
import { type AtSandbox, atSandbox, type Between, person } from './at-sandbox.ts'
import { failure, no } from './crm-at.ts'

const phone = '+33612345678'
const entities = { lead: 'Lead', contact: 'Contact', account: 'Account' } as const

interface Kept extends PersonOrder {
  entity: keyof typeof entities
}

/** The ids of these people, each with a status where it is a lead. */
async function withPeople(people: readonly Kept[], between: Between = {}) {
  const at = await atSandbox(between)
  const ids = people.map(({ entity, ...order }) => person(at.inside, entity, order))
  const record = (index: number) => ({ type: entities[people[index]?.entity ?? 'lead'], id: ids[index] })
  return { ...at, record }
}

const askedFor = ({ requests }: Pick<AtSandbox, 'requests'>) =>
  requests.map(({ path }) => new URL(path, 'http://crm').pathname.slice('/api/v1/'.length))

describe('a 403 that does not say why', () => {
  it.each([
    { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Forbidden</h1>' },
    { status: 403 },
    { status: 403, body: '{"message":"blocked"}' },
  ])('never says that nobody has this number: %o', async (reply) => {
    const blocked: Between['answers'] = (request) => (request === 'GET Contact' ? reply : undefined)
    const { crm, reports } = await withPeople([{ entity: 'contact', phone }], { answers: blocked })
    expect(await failure(crm.personBy({ phone }))).toMatchObject({ certainty: 'retryable', onlyThis: false })
    expect(reports.join()).not.toContain('may not be searched')
  })
})

describe('whose a phone number is', () => {
  it.each(['+33612345678', '+33 6 12-34.56.78', '(33) 612345678'])(
    'is a lead that has it among its numbers, spelt %s',
    async (written) => {
      const phones = ['+33142000000', written]
      const { crm, record } = await withPeople([{ entity: 'lead', status: 'New', phones }])
      expect(await crm.personBy({ phone })).toEqual({
        ...record(0),
        name: 'Dana L',
        leadId: record(0).id,
        ambiguous: false,
        others: [],
      })
    },
  )

  it.each(['contact', 'account'] as const)('may be that of an %s', async (entity) => {
    const { crm, record } = await withPeople([{ entity, phone }])
    expect(await crm.personBy({ phone })).toMatchObject({ ...record(0), leadId: undefined })
  })

  it('is nobody’s where nobody has it', async () => {
    const { crm } = await withPeople([{ entity: 'lead', phone: '+33699999999' }])
    expect(await crm.personBy({ phone })).toBeUndefined()
  })

  it.each(['33612345678@lid', 'MYBANK33612345678'])(
    'is nobody’s where it is not a number: %s',
    async (writing) => {
      const { crm, requests } = await withPeople([{ entity: 'lead', phone }])
      expect(await crm.personBy({ phone: writing })).toBeUndefined()
      expect(requests).toEqual([])
    },
  )

  it.each([
    '06 12 34 56 78',
    '06.12.34.56.78',
    '33 6 12 34 56 78',
    '+33 (0)6 12 34 56 78',
    '+33 0612345678',
    '0033 6 12 34 56 78',
    '0033 (0)6 12 34 56 78',
    '612345678',
    '0612345678 poste 12',
    '+33 6 12 34 56 78 ext. 3',
    'tel: 06 12 34 56 78',
    '06 12 34 56 78 (bureau)',
    'port. 06 12 34 56 78',
    '+33 6 12 34 56 78 Anna',
  ])('is found as people typed it over the years: %s', async (written) => {
    const { crm, record } = await withPeople([
      { entity: 'lead', phone: '+33699999999' },
      { entity: 'contact', phones: ['+33142000000', written] },
      { entity: 'account', phone: written },
    ])
    expect(await crm.personBy({ phone })).toMatchObject({ ...record(1), others: [record(2)] })
  })

  it.each([
    ['+262692123456', '0692 12 34 56'],
    ['+262692123456', '+33 692 12 34 56'],
    ['+541123456789', '+54 9 11 2345-6789'],
    ['+525512345678', '+52 1 55 1234 5678'],
    ['+5511987654322', '+55 11 8765-4322'],
    ['+2290197123456', '+229 97 12 34 56'],
  ])('of another plan, %s, is found written %s', async (number, written) => {
    const { crm, record } = await withPeople([{ entity: 'lead', phone: written }])
    expect(await crm.personBy({ phone: number })).toMatchObject(record(0))
  })

  it.each(['05 01 23 45 67', '0612345', '06123456789', '61234567812', '+44 612345678', '06 12 34 56 79'])(
    'is not that of another number that looks alike: %s',
    async (written) => {
      const { crm } = await withPeople([{ entity: 'lead', phone: written }])
      expect(await crm.personBy({ phone })).toBeUndefined()
    },
  )

  it('is not looked for at home where it is from abroad: there it is another number', async () => {
    const { crm } = await withPeople([{ entity: 'lead', phone: '05 01 23 45 67' }])
    expect(await crm.personBy({ phone: '+972501234567' })).toBeUndefined()
  })

  it('is asked for once of each type, whoever wrote it how', async () => {
    const at = await withPeople([
      { entity: 'lead', status: 'New', phone: '0612345678' },
      { entity: 'account', phone },
    ])
    expect(await at.crm.personBy({ phone })).toMatchObject({
      ...at.record(0),
      ambiguous: true,
      others: [at.record(1)],
    })
    expect(askedFor(at)).toEqual(['Lead', 'Contact', 'Account'])
  })
})

describe('where several have an address', () => {
  it('the most recent open lead is meant, and it is said that this is a guess', async () => {
    const { crm, record } = await withPeople([
      { entity: 'lead', status: 'In Process', createdAt: '2026-01-01 00:00:00', phone },
      { entity: 'lead', status: 'Assigned', createdAt: '2026-03-01 00:00:00', phone },
      { entity: 'lead', status: 'Dead', createdAt: '2026-05-01 00:00:00', phone },
      { entity: 'contact', createdAt: '2026-06-01 00:00:00', phone },
    ])
    expect(await crm.personBy({ phone })).toMatchObject({ ...record(1), ambiguous: true })
  })

  it('a contact is meant before an account and a closed lead', async () => {
    const { crm, record } = await withPeople([
      { entity: 'lead', status: 'Recycled', phone },
      { entity: 'contact', phone },
      { entity: 'account', phone },
    ])
    expect(await crm.personBy({ phone })).toMatchObject({ ...record(1), ambiguous: true })
  })

  it('a lead that became the contact is not another person', async () => {
    const { crm, record } = await withPeople([
      { entity: 'lead', status: 'Converted', phone },
      { entity: 'contact', phone },
    ])
    expect(await crm.personBy({ phone })).toMatchObject({ ...record(1), ambiguous: false })
  })

  it('the newest closed lead is meant where there is nobody else', async () => {
    const { crm, record } = await withPeople([
      { entity: 'lead', status: 'Recycled', createdAt: '2026-03-01 00:00:00', phone },
      { entity: 'lead', status: 'Dead', createdAt: '2026-01-01 00:00:00', phone },
    ])
    expect(await crm.personBy({ phone })).toMatchObject({ ...record(0), ambiguous: true })
  })
})

it('whose an email address is does not depend on its case', async () => {
  const { crm, record } = await withPeople([{ entity: 'contact', email: 'Dana@example.org' }])
  expect(await crm.personBy({ email: 'dana@EXAMPLE.org' })).toMatchObject(record(0))
})

describe('an answer', () => {
  it('is remembered for a minute, but not that there is nobody: they may be entered just now', async () => {
    const at = await withPeople([{ entity: 'lead', phone }])
    await at.crm.personBy({ phone })
    await at.crm.personBy({ phone })
    expect(askedFor(at)).toEqual(['Lead', 'Contact', 'Account'])
    await at.crm.personBy({ email: 'nobody@example.org' })
    await at.crm.personBy({ email: 'NOBODY@example.org' })
    expect(askedFor(at)).toHaveLength(9)
    at.clock.now = new Date(at.clock.now.getTime() + 60_000)
    await at.crm.personBy({ phone })
    expect(askedFor(at)).toHaveLength(12)
  })

  it('that failed is not remembered', async () => {
    let away = true
    const people = [{ entity: 'lead', phone }] as const
    const { crm, record } = await withPeople(people, { answers: () => (away ? no(500) : undefined) })
    expect(await failure(crm.personBy({ phone }))).toMatchObject({ certainty: 'retryable' })
    away = false
    expect(await crm.personBy({ phone })).toMatchObject(record(0))
  })
})

describe('a type that the role may not read', () => {
  it('is passed over, and reported', async () => {
    const { crm, inside, record, reports } = await withPeople([{ entity: 'contact', phone }])
    inside.switches.forbiddenScopes = ['Account.read']
    expect(await crm.personBy({ phone })).toMatchObject(record(0))
    expect(reports).toEqual([
      'espocrm: Account may not be searched by phoneNumberNumeric, so that whose address it is may stay unknown (let the role read it: docs/espocrm.md)',
    ])
  })

  it('is not a reason to say that there is nobody where none may be read', async () => {
    const { crm, inside } = await withPeople([])
    inside.switches.forbiddenScopes = ['Lead', 'Contact', 'Account']
    expect(await failure(crm.personBy({ phone }))).toMatchObject({
      certainty: 'retryable',
      providerCode: '403',
    })
  })
})

it('a refused key is shown once a question', async () => {
  const at = await withPeople([], { answers: () => ({ status: 401 }) })
  await failure(at.crm.personBy({ phone }))
  expect(askedFor(at)).toEqual(['Lead'])
})
