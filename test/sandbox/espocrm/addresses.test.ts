import { describe, expect, it, test } from 'vitest'
import { failure, startCrm } from './crm.ts'

const [first, second] = ['+33612345678', '+33712345678']

async function setUp() {
  const crm = await startCrm()
  const { id } = crm.sandbox.crm.lead({ lastName: 'L', phone: first, email: 'Dana@example.org' })
  const change = (body: unknown) => crm.call('PUT', `Lead/${id}`, body)
  const entry = (phoneNumber: string, more = {}) => ({
    phoneNumber,
    primary: false,
    type: 'Mobile',
    optOut: false,
    invalid: false,
    ...more,
  })
  return { ...crm, id, change, entry }
}

describe('a number', () => {
  it.each([
    ['+972 50-123 4567', '+972501234567'],
    [' +33 (0)6 12 34 56 78', '+33612345678'],
  ])('%j is kept as %s', async (phoneNumber, kept) => {
    const { call } = await startCrm()
    expect((await call('POST', 'Lead', { lastName: 'L', phoneNumber })).body.phoneNumber).toBe(kept)
  })

  it.each([
    [{ phoneNumber: '0612345678' }, 'valid'],
    [{ phoneNumber: '+12' }, 'valid'],
    [{ phoneNumberData: [{ phoneNumber: '0612345678' }] }, 'valid'],
    [{ phoneNumberData: [{ primary: true }] }, 'valid'],
    [{ phoneNumberData: [{ phoneNumber: first, type: 'WhatsApp' }] }, 'valid'],
    [{ phoneNumberData: ['+33612345678'] }, 'valid'],
    [
      { phoneNumberData: Array.from({ length: 11 }, (_, n) => ({ phoneNumber: `+3361234560${n % 10}` })) },
      'maxCount',
    ],
  ])('is refused in %j', async (body, type) => {
    const { call } = await startCrm()
    expect(await call('POST', 'Lead', { lastName: 'L', ...body })).toEqual(
      failure('Lead', 'phoneNumber', type),
    )
  })

  it('needs no plus where the international mode is off', async () => {
    const { sandbox, call } = await startCrm()
    sandbox.crm.switches.internationalPhones = false
    const { body } = await call('POST', 'Lead', { lastName: 'L', phoneNumber: '050-1234567' })
    expect(body.phoneNumber).toBe('050-1234567')
    const other = await call('POST', 'Lead', { lastName: 'M', phoneNumber: '+972 50' })
    expect(other.body.phoneNumber).toBe('+972 50')
  })

  it('is found by its digits among all of a record’s, and as it is written only where it is exactly so', async () => {
    const { sandbox, find } = await startCrm()
    const { id } = sandbox.crm.lead({ phone: first, phones: ['050-1234567'] })
    expect(await find('Lead', 'equals', 'phoneNumberNumeric', '0501234567')).toEqual([id])
    expect(await find('Lead', 'equals', 'phoneNumberNumeric', '33612345678')).toEqual([id])
    expect(await find('Lead', 'endsWith', 'phoneNumberNumeric', '501234567')).toEqual([id])
    expect(await find('Lead', 'equals', 'phoneNumber', '050-1234567')).toEqual([id])
    expect(await find('Lead', 'equals', 'phoneNumber', '0501234567')).toEqual([])
    expect(await find('Contact', 'equals', 'phoneNumberNumeric', '33612345678')).toEqual([])
  })
})

describe('the list of numbers', () => {
  it('replaces what was there, and takes a missing flag for false', async () => {
    const { change, entry, sandbox, id } = await setUp()
    await change({ phoneNumberData: [entry(first, { optOut: true }), entry(second, { primary: true })] })
    expect(sandbox.crm.record('Lead', id)).toMatchObject({
      phoneNumber: second,
      phoneNumberIsOptedOut: false,
      phoneNumberData: [entry(second, { primary: true }), entry(first, { optOut: true })],
    })
    const { body } = await change({ phoneNumberData: [{ phoneNumber: first }] })
    expect(body).toMatchObject({ phoneNumber: first, phoneNumberData: [entry(first, { primary: true })] })
    expect((await change({ phoneNumberData: [] })).body).toMatchObject({
      phoneNumber: null,
      phoneNumberData: [],
    })
  })

  it('is left alone by a change of the primary one', async () => {
    const { change, entry } = await setUp()
    await change({ phoneNumberData: [entry(first, { primary: true }), entry(second)] })
    const { body } = await change({ phoneNumber: '+33611111111' })
    expect(body.phoneNumberData).toEqual([entry('+33611111111', { primary: true }), entry(second)])
    expect((await change({ phoneNumber: null })).body).toMatchObject({ phoneNumber: second })
  })
})

describe('a flag', () => {
  it('beside the list is that of the primary number only', async () => {
    const { change, entry } = await setUp()
    await change({ phoneNumberData: [entry(first, { primary: true }), entry(second)] })
    const { body } = await change({ phoneNumberIsOptedOut: true })
    expect(body).toMatchObject({
      phoneNumberIsOptedOut: true,
      phoneNumberData: [entry(first, { primary: true, optOut: true }), entry(second)],
    })
  })

  it('is the number’s own: whoever else has it is opted out too', async () => {
    const { change, sandbox } = await setUp()
    const contact = sandbox.crm.contact({ lastName: 'L', phone: first })
    await change({ phoneNumberIsOptedOut: true })
    expect(sandbox.crm.record('Contact', contact.id)).toMatchObject({ phoneNumberIsOptedOut: true })
  })

  it('in the list is silently taken back where the role may not edit another who has the number', async () => {
    const { change, entry, sandbox } = await setUp()
    sandbox.crm.contact({ lastName: 'L', phone: first })
    sandbox.crm.switches.forbiddenScopes = ['Contact.edit']
    const { status, body } = await change({ phoneNumberData: [entry(first, { optOut: true })] })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      phoneNumberIsOptedOut: false,
      phoneNumberData: [entry(first, { primary: true })],
    })
    expect((await change({ phoneNumberIsOptedOut: true })).body).toMatchObject({
      phoneNumberIsOptedOut: true,
    })
  })
})

test('an email address is found in any case, and shown as it was written', async () => {
  const { id, find, call } = await setUp()
  expect(await find('Lead', 'equals', 'emailAddress', 'dana@EXAMPLE.org')).toEqual([id])
  expect((await call('GET', `Lead/${id}`)).body).toMatchObject({
    emailAddress: 'Dana@example.org',
    emailAddressData: [{ emailAddress: 'Dana@example.org', lower: 'dana@example.org', primary: true }],
  })
})

test('an email address is marked invalid or opted out, for all who have it', async () => {
  const { change, sandbox } = await setUp()
  const account = sandbox.crm.account({ name: 'A', email: 'dana@example.org' })
  const { body } = await change({ emailAddressIsInvalid: true })
  expect(body).toMatchObject({ emailAddressIsInvalid: true, emailAddressIsOptedOut: false })
  expect(sandbox.crm.record('Account', account.id)).toMatchObject({ emailAddressIsInvalid: true })
  const emailAddressData = [{ emailAddress: 'dana@example.org', optOut: true }]
  expect((await change({ emailAddressData })).body).toMatchObject({
    emailAddressIsInvalid: false,
    emailAddressIsOptedOut: true,
  })
})

test('an email address that is none is refused', async () => {
  const { change } = await setUp()
  expect(await change({ emailAddress: 'nobody' })).toEqual(failure('Lead', 'emailAddress', 'emailAddress'))
})
