import { describe, expect, it } from 'vitest'
import type { MeetingOrder } from '#sandbox/espocrm/crm.ts'
import type { Appointment } from '#src/contract/crm.ts'
import { type AtSandbox, atSandbox, type Between, person } from './at-sandbox.ts'
import { failure, type InHouse, no } from './crm-at.ts'

const dateStart = '2026-11-25 08:00:00'
const now = new Date('2026-11-22T10:00:00Z')
const account = { type: 'Account', id: 'a1' }

/** A planned meeting that Dana, another lead and a contact attend. */
async function withVisit(order: Partial<MeetingOrder> = {}, between: Between = {}, house: InHouse = {}) {
  const at = await atSandbox(between, {}, house)
  const other = person(at.inside, 'lead', {})
  const contact = { type: 'Contact', id: person(at.inside, 'contact', {}) }
  const leads = [other, at.dana.id]
  const { id } = at.inside.meeting({
    name: 'Première visite',
    dateStart,
    leads,
    contacts: [contact.id],
    ...order,
  })
  const visit: Appointment = {
    id,
    name: 'Première visite',
    status: 'planned',
    startsAt: new Date('2026-11-25T08:00:00Z'),
  }
  return { ...at, other, contact, visit, kept: () => at.inside.record('Meeting', id) }
}

describe('a meeting', () => {
  it('is found by its id', async () => {
    const { crm, visit } = await withVisit()
    expect(await crm.appointment(visit.id)).toEqual(visit)
  })

  it('may have been called off', async () => {
    const { crm, visit } = await withVisit({ status: 'Not Held' })
    expect(await crm.appointment(visit.id)).toEqual({ ...visit, status: 'cancelled' })
  })

  it.each([
    ['Europe/Paris', '2026-11-24T23:00:00Z'],
    ['America/Martinique', '2026-11-25T04:00:00Z'],
    ['UTC', '2026-11-25T00:00:00Z'],
  ])('of a whole day begins with the day in %s', async (timeZone, begins) => {
    const body = { id: 'm1', status: 'Planned', dateStart: null, dateStartDate: '2026-11-25' }
    const { crm } = await withVisit({}, { answers: () => ({ status: 200, body }) }, { timeZone })
    expect(await crm.appointment('m1')).toMatchObject({ startsAt: new Date(begins) })
  })

  it('with a status of the installation’s own cannot be answered', async () => {
    const body = { id: 'm1', status: 'Waiting', dateStart }
    const { crm } = await withVisit({}, { answers: () => ({ status: 200, body }) })
    expect(await crm.appointment('m1')).toBeUndefined()
  })

  it('is not there under an id that EspoCRM does not know', async () => {
    const { crm } = await withVisit()
    expect(await crm.appointment('gone')).toBeUndefined()
  })

  it.each(['../User/1', '..', '', 'm1?x=1'])('is not even asked for under the id %j', async (id) => {
    const { crm, requests } = await withVisit()
    expect(await crm.appointment(id)).toBeUndefined()
    expect(requests).toEqual([])
  })

  it('cannot be found while EspoCRM is away', async () => {
    const { crm } = await withVisit({}, { answers: () => no(503) })
    expect(await failure(crm.appointment('m1'))).toMatchObject({ certainty: 'retryable' })
  })
})

describe('the next meeting of a person', () => {
  const at = ({ inside, dana }: AtSandbox, start: string, order: Partial<MeetingOrder> = {}) =>
    inside.meeting({ dateStart: start, leads: [dana.id], ...order }).id

  it('is the earliest planned one after now', async () => {
    const espo = await atSandbox()
    at(espo, '2026-11-27 08:00:00')
    const next = at(espo, '2026-11-25 08:00:00')
    at(espo, '2026-11-20 08:00:00')
    at(espo, '2026-11-23 08:00:00', { status: 'Not Held' })
    at(espo, '2026-11-23 08:00:00', { leads: [person(espo.inside, 'lead', {})] })
    expect(await espo.crm.nextAppointment(espo.dana, now)).toMatchObject({ id: next, status: 'planned' })
  })

  it('may only be about them', async () => {
    const espo = await atSandbox()
    const about = at(espo, '2026-11-25 08:00:00', { leads: [], parent: espo.dana })
    at(espo, '2026-11-24 08:00:00', { leads: [], parent: { type: 'Contact', id: espo.dana.id } })
    expect(await espo.crm.nextAppointment(espo.dana, now)).toMatchObject({ id: about })
  })

  it('is a contact’s as well', async () => {
    const { crm, contact, visit } = await withVisit()
    expect(await crm.nextAppointment(contact, now)).toEqual(visit)
  })

  it('is an account’s as well', async () => {
    const espo = await atSandbox()
    const id = person(espo.inside, 'account', {})
    expect(await espo.crm.nextAppointment({ type: 'Account', id }, now)).toBeUndefined()
    const about = at(espo, '2026-11-25 08:00:00', { leads: [], parent: { type: 'Account', id } })
    expect(await espo.crm.nextAppointment({ type: 'Account', id }, now)).toMatchObject({ id: about })
  })
})

describe('a customer who confirms', () => {
  it('is accepted, and the others stay as they are', async () => {
    const { crm, dana, contact, other, kept, visit, reports } = await withVisit()
    expect(await crm.answerAppointment(visit, dana, 'confirm')).toBe(true)
    expect(kept()).toMatchObject({
      status: 'Planned',
      leadsIds: [other, dana.id],
      leadsColumns: { [other]: { status: 'None' }, [dana.id]: { status: 'Accepted' } },
      contactsColumns: { [contact.id]: { status: 'None' } },
    })
    expect(reports).toEqual([])
  })

  it('does not change what another answered', async () => {
    const { crm, dana, other, kept, visit } = await withVisit()
    await crm.answerAppointment(visit, { type: 'Lead', id: other }, 'confirm')
    await crm.answerAppointment(visit, dana, 'confirm')
    expect(kept()).toMatchObject({
      leadsColumns: { [other]: { status: 'Accepted' }, [dana.id]: { status: 'Accepted' } },
    })
  })

  it('becomes an attendee where the meeting was only about them', async () => {
    const { crm, dana, kept, visit } = await withVisit({ leads: [] })
    await crm.answerAppointment(visit, dana, 'confirm')
    expect(kept()).toMatchObject({
      leadsIds: [dana.id],
      leadsColumns: { [dana.id]: { status: 'Accepted' } },
    })
  })

  it('removes nobody where the list of attendees cannot be seen', async () => {
    const { crm, dana, other, kept, visit } = await withVisit(
      {},
      {
        answers: (request) =>
          request === 'GET Meeting'
            ? { status: 200, body: { status: 'Planned', leadsIds: null } }
            : undefined,
      },
    )
    await crm.answerAppointment(visit, dana, 'confirm')
    expect(kept()).toMatchObject({
      leadsIds: [other, dana.id],
      leadsColumns: { [dana.id]: { status: 'Accepted' } },
    })
  })

  it('may be a contact', async () => {
    const { crm, contact, kept, visit } = await withVisit()
    await crm.answerAppointment(visit, contact, 'confirm')
    expect(kept()).toMatchObject({ contactsColumns: { [contact.id]: { status: 'Accepted' } } })
  })

  it('twice changes nothing the second time', async () => {
    const { crm, dana, visit, writes } = await withVisit()
    await crm.answerAppointment(visit, dana, 'confirm')
    expect(await crm.answerAppointment(visit, dana, 'confirm')).toBe(false)
    expect(writes()).toEqual(['PUT Meeting'])
  })

  it('is accepted once where the line was cut after it was taken', async () => {
    const { crm, dana, inside, kept, visit, writes } = await withVisit()
    inside.unanswered('drop')
    expect(await failure(crm.answerAppointment(visit, dana, 'confirm'))).toMatchObject({
      certainty: 'unknown',
    })
    expect(await crm.answerAppointment(visit, dana, 'confirm')).toBe(false)
    expect(kept()).toMatchObject({ leadsColumns: { [dana.id]: { status: 'Accepted' } } })
    expect(writes()).toEqual(['PUT Meeting'])
  })

  it.each(['Held', 'Not Held'] as const)(
    'too late changes nothing of a meeting that is %s',
    async (status) => {
      const { crm, dana, visit, writes } = await withVisit({ status })
      expect(await failure(crm.answerAppointment(visit, dana, 'confirm'))).toMatchObject({
        certainty: 'permanent',
        message: 'espocrm: the meeting is no longer planned',
      })
      expect(writes()).toEqual([])
    },
  )

  it('again changes nothing of a meeting that was held since', async () => {
    const { crm, dana, visit, writes } = await withVisit(
      {},
      {
        answers: (request) =>
          request === 'GET Meeting'
            ? { status: 200, body: { status: 'Held', leadsColumns: { [dana.id]: { status: 'Accepted' } } } }
            : undefined,
      },
    )
    expect(await crm.answerAppointment(visit, dana, 'confirm')).toBe(false)
    expect(writes()).toEqual([])
  })

  it('as an account cannot be shown', async () => {
    const { crm, visit } = await withVisit()
    expect(await failure(crm.answerAppointment(visit, account, 'confirm'))).toMatchObject({
      certainty: 'permanent',
      message: 'espocrm: Account cannot accept a meeting (only a lead or a contact attends)',
    })
  })

  it('is not taken for accepted where the role silently keeps it from being so', async () => {
    const { crm, dana, inside, kept, reports, visit } = await withVisit()
    inside.switches.forbiddenFields = ['Meeting.leads']
    expect(await failure(crm.answerAppointment(visit, dana, 'confirm'))).toMatchObject({
      certainty: 'retryable',
    })
    expect(kept()).toMatchObject({ leadsColumns: { [dana.id]: { status: 'None' } } })
    expect(reports).toEqual([
      'espocrm: did not take Meeting.leadsColumns as sent (let the role edit this field)',
    ])
  })
})

describe('a customer who cancels', () => {
  it('has declined, and the meeting is not held', async () => {
    const { crm, dana, other, kept, visit } = await withVisit()
    expect(await crm.answerAppointment(visit, dana, 'cancel')).toBe(true)
    expect(kept()).toMatchObject({
      status: 'Not Held',
      leadsIds: [other, dana.id],
      leadsColumns: { [other]: { status: 'None' }, [dana.id]: { status: 'Declined' } },
    })
  })

  it('may have confirmed before', async () => {
    const { crm, dana, kept, visit } = await withVisit()
    await crm.answerAppointment(visit, dana, 'confirm')
    await crm.answerAppointment(visit, dana, 'cancel')
    expect(kept()).toMatchObject({ status: 'Not Held', leadsColumns: { [dana.id]: { status: 'Declined' } } })
  })

  it('twice changes nothing the second time', async () => {
    const { crm, dana, visit, writes } = await withVisit()
    await crm.answerAppointment(visit, dana, 'cancel')
    expect(await crm.answerAppointment(visit, dana, 'cancel')).toBe(false)
    expect(writes()).toEqual(['PUT Meeting'])
  })

  it('as an account calls the meeting off', async () => {
    const { crm, dana, kept, visit } = await withVisit()
    await crm.answerAppointment(visit, account, 'cancel')
    expect(kept()).toMatchObject({ status: 'Not Held', leadsColumns: { [dana.id]: { status: 'None' } } })
  })

  it('too late changes nothing of a meeting that was held', async () => {
    const { crm, dana, visit, writes } = await withVisit({ status: 'Held' })
    expect(await failure(crm.answerAppointment(visit, dana, 'cancel'))).toMatchObject({
      certainty: 'permanent',
    })
    expect(writes()).toEqual([])
  })

  it('cannot cancel what is no longer there', async () => {
    const { crm, dana, visit } = await withVisit()
    expect(await failure(crm.answerAppointment({ ...visit, id: 'gone' }, dana, 'cancel'))).toMatchObject({
      certainty: 'permanent',
      message: 'espocrm: the meeting is no longer there',
    })
  })
})
