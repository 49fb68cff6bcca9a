import { describe, expect, it } from 'vitest'
import { espoEmailsOf } from '#providers/espocrm/address-marks.ts'
import type { Espo } from '#providers/espocrm/espo.ts'
import type { PersonOrder } from '#sandbox/espocrm/crm.ts'
import { atSandbox, type Between, person } from './at-sandbox.ts'
import { failure, no } from './crm-at.ts'

const phone = '+33612345678'
const home = '+33142000000'

/** A lead with these addresses, and the numbers and addresses of it as they are now. */
async function withLead(order: PersonOrder, between: Between = {}) {
  const at = await atSandbox(between)
  const id = person(at.inside, 'lead', order)
  return {
    ...at,
    lead: { type: 'Lead', id },
    numbers: () => at.inside.record('Lead', id)?.phoneNumberData,
    emails: () => at.inside.record('Lead', id)?.emailAddressData,
  }
}

describe('the email addresses of a person', () => {
  const list = [{ emailAddress: ' Anna@Example.org ', primary: true }, { emailAddress: 'b@example.org' }]
  it.each([
    [{ emailAddress: 'Anna@example.org', emailAddressData: list }, ['anna@example.org', 'b@example.org']],
    [{ emailAddress: 'Anna@example.org' }, ['anna@example.org']],
    [{ emailAddress: null, emailAddressData: [{ emailAddress: null }] }, []],
    [{ emailAddressData: 'nonsense' }, []],
  ])('are all that the record shows: %j', async (record, found) => {
    const read = async (path: string) => (path === 'Lead/l1' ? record : {})
    const emailsOf = espoEmailsOf({ api: { read } } as unknown as Espo)
    expect(await emailsOf({ type: 'Lead', id: 'l1' })).toEqual(found)
    expect(await emailsOf({ type: 'Meeting', id: 'no id' })).toEqual([])
  })
})

describe('a mark on an address', () => {
  it('opts a number out, and leaves the others as they are', async () => {
    const { crm, lead, numbers, reports } = await withLead({ phones: [home, phone] })
    await crm.mark(lead, { phone: home }, { invalid: true })
    await crm.mark(lead, { phone }, { optedOut: true })
    expect(numbers()).toMatchObject([
      { phoneNumber: home, primary: true, type: 'Mobile', optOut: false, invalid: true },
      { phoneNumber: phone, primary: false, type: 'Mobile', optOut: true, invalid: false },
    ])
    expect(reports).toEqual([])
  })

  it('opts it in again', async () => {
    const { crm, lead, numbers } = await withLead({ phone })
    await crm.mark(lead, { phone }, { optedOut: true, invalid: true })
    await crm.mark(lead, { phone }, { optedOut: false })
    expect(numbers()).toMatchObject([{ optOut: false, invalid: true }])
  })

  it('says that an email address is dead, whatever its case', async () => {
    const { crm, lead, emails } = await withLead({ email: 'Dana@example.org' })
    await crm.mark(lead, { email: 'dana@EXAMPLE.org' }, { invalid: true })
    expect(emails()).toMatchObject([{ emailAddress: 'Dana@example.org', invalid: true, optOut: false }])
  })

  it('finds a number as it is written at home', async () => {
    const { crm, inside, lead, numbers } = await withLead({ phone: '06 12 34 56 78' })
    inside.switches.internationalPhones = false
    await crm.mark(lead, { phone }, { optedOut: true })
    expect(numbers()).toMatchObject([{ phoneNumber: '06 12 34 56 78', optOut: true }])
  })

  it('writes nothing where it is there already', async () => {
    const { crm, lead, writes } = await withLead({ phone })
    await crm.mark(lead, { phone }, { optedOut: true })
    await crm.mark(lead, { phone }, { optedOut: true })
    expect(writes()).toEqual(['PUT Lead'])
  })

  it('writes nothing where the person no longer has the address', async () => {
    const { crm, lead, writes } = await withLead({ phone })
    await crm.mark(lead, { phone: home }, { optedOut: true })
    expect(writes()).toEqual([])
  })

  it.each(['gone', '../User/1'])('writes nothing where there is no lead %s', async (id) => {
    const { crm, writes } = await withLead({ phone })
    await crm.mark({ type: 'Lead', id }, { phone }, { optedOut: true })
    expect(writes()).toEqual([])
  })
})

it('in international mode the numbers of our country are written internationally where EspoCRM refuses them', async () => {
  const { crm, lead, numbers } = await withLead({ phones: ['01 42 00 00 00', phone] })
  await crm.mark(lead, { phone }, { optedOut: true })
  expect(numbers()).toMatchObject([
    { phoneNumber: home, primary: true, optOut: false },
    { phoneNumber: phone, primary: false, optOut: true },
  ])
})

it('a list that EspoCRM refuses for another reason stays as it is', async () => {
  const refused = no(400, 'Field validation failure; entityType: Lead, field: phoneNumber, type: maxCount.')
  const { crm, lead } = await withLead(
    { phone },
    { answers: (request) => (request === 'PUT Lead' ? refused : undefined) },
  )
  expect(await failure(crm.mark(lead, { phone }, { optedOut: true }))).toMatchObject({
    certainty: 'permanent',
  })
})

describe('a mark that EspoCRM takes back, since a record that the role may not edit has the address too', () => {
  const report = expect.stringMatching(/^espocrm: took back the mark of an address of Lead \(.+\)$/)

  it('is set by the field of the primary number', async () => {
    const { crm, inside, lead, numbers, reports, writes } = await withLead({ phone })
    person(inside, 'contact', { phone })
    inside.switches.forbiddenScopes = ['Contact.edit']
    await crm.mark(lead, { phone }, { optedOut: true })
    expect(writes()).toEqual(['PUT Lead', 'PUT Lead'])
    expect(numbers()).toMatchObject([{ optOut: true }])
    expect(reports).toEqual([])
  })

  it('is reported where the number is not the primary one', async () => {
    const { crm, inside, lead, numbers, reports } = await withLead({ phones: [home, phone] })
    person(inside, 'contact', { phone })
    inside.switches.forbiddenScopes = ['Contact.edit']
    await crm.mark(lead, { phone }, { optedOut: true })
    expect(numbers()).toMatchObject([{ optOut: false }, { optOut: false }])
    expect(reports).toEqual([report])
  })

  it('is reported where the primary one’s field does not help either', async () => {
    const { crm, inside, lead, reports } = await withLead(
      { phone },
      {
        answers: (_request, body) =>
          'phoneNumberIsOptedOut' in body ? { status: 200, body: { id: '1' } } : undefined,
      },
    )
    person(inside, 'contact', { phone })
    inside.switches.forbiddenScopes = ['Contact.edit']
    await crm.mark(lead, { phone }, { optedOut: true })
    expect(reports).toEqual([report])
  })
})
