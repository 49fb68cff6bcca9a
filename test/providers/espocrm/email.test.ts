import { describe, expect, it } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { atSandbox, type Between } from './at-sandbox.ts'
import { failure, no } from './crm-at.ts'

const { assignedUserId, teamId } = credentials.espocrm
const owned = { ESPOCRM_ASSIGNED_USER_ID: assignedUserId, ESPOCRM_TEAM_ID: teamId }

describe('an email in EspoCRM', () => {
  it('is a record of its own, under the person', async () => {
    const { crm, dana, inside, reports, email } = await atSandbox({}, owned)
    await crm.trace(email())
    expect(inside.records('Email')).toMatchObject([
      {
        name: 'Votre devis',
        from: 'max@example.com',
        to: 'dana@example.org',
        body: '<p>Bonjour</p>',
        isHtml: true,
        status: 'Archived',
        dateSent: '2026-11-22 09:30:00',
        parentType: 'Lead',
        parentId: dana.id,
        assignedUserId,
        teamsIds: [teamId],
        cMessageId: email().id,
        cDeliveryStatus: 'Sent',
      },
    ])
    expect(inside.records('Note')).toEqual([])
    expect(reports).toEqual([])
  })

  it('is one record where the role does not let us see it, and a note from then on', async () => {
    const hidden: Between['answers'] = (request) =>
      request === 'GET Email' ? { status: 200, body: { total: -2, list: [] } } : undefined
    const { crm, inside, reports, email } = await atSandbox({ answers: hidden }, owned)
    await crm.trace(email())
    await crm.tell(email(), { status: 'delivered', deliveredAt: new Date('2026-11-22T09:31:00Z') })
    await crm.tell(email(), { status: 'read', openedAt: new Date('2026-11-22T09:32:00Z') })
    await crm.trace(email({ id: 'another' }))
    expect(inside.records('Email')).toHaveLength(1)
    expect(inside.records('Note').length).toBeGreaterThan(0)
    expect(reports.filter((line) => line.includes('does not let us see the emails'))).toHaveLength(1)
  })

  it.each([[undefined], [['another-team']], [[]]])(
    'is a note where the role reads emails of teams in which we are not: %j',
    async (teamsIds) => {
      const all = { create: 'yes', read: 'all', edit: 'all', stream: 'all' }
      const table = { Email: { ...all, read: 'team' } }
      const team: Between['answers'] = (request) => {
        if (request === 'GET App')
          return { status: 200, body: { user: { type: 'api', teamsIds }, acl: { table } } }
        return request === 'GET Email' ? { status: 200, body: { total: -2, list: [] } } : undefined
      }
      const { crm, inside, email } = await atSandbox({ answers: team }, teamsIds ? owned : {})
      await crm.trace(email())
      await crm.tell(email(), { status: 'delivered' })
      expect(inside.records('Email')).toEqual([])
      expect(inside.records('Note').length).toBeGreaterThan(0)
    },
  )

  it('is under what it is about, before the person', async () => {
    const { crm, inside, email } = await atSandbox()
    const { id } = inside.account({ name: 'Clinique' })
    await crm.trace(email({ parent: { type: 'Account', id } }))
    expect(inside.records('Email')).toMatchObject([{ parentType: 'Account', parentId: id }])
  })

  it.each([
    ['a meeting, which EspoCRM takes for no parent', { type: 'Meeting', id: 'm1' }],
    ['a type of its own that Email does not take', { type: 'CTreatment', id: 'c1' }],
    ['a case that is gone', { type: 'Case', id: 'c1' }],
    ['nothing of EspoCRM', { type: 'Rendez-vous', id: '42' }],
    ['a path', { type: 'Case', id: '../User/1' }],
  ])('is under the person where it is about %s', async (_what, parent) => {
    const { crm, dana, inside, email } = await atSandbox()
    await crm.trace(email({ parent }))
    expect(inside.records('Email')).toMatchObject([{ parentType: 'Lead', parentId: dana.id }])
  })

  it('is under nobody where nobody is known, or no longer there', async () => {
    const { crm, inside, email } = await atSandbox()
    await crm.trace(email({ person: undefined }))
    await crm.trace(email({ id: 'other', person: { type: 'Lead', id: 'gone' } }))
    expect(inside.records('Email')).toMatchObject([{ parentId: null }, { parentId: null }])
  })

  it('is refused where another field is at fault than the parent', async () => {
    const { crm, writes, email } = await atSandbox()
    expect(await failure(crm.trace(email({ to: 'nobody' })))).toMatchObject({ certainty: 'permanent' })
    expect(writes()).toEqual(['POST Email'])
  })

  it('may be text only, without a subject, from a named sender', async () => {
    const { crm, inside, email } = await atSandbox()
    await crm.trace(email({ subject: undefined, html: undefined, from: 'Max <max@example.com>' }))
    expect(inside.records('Email')).toMatchObject([
      { name: '(sans objet)', body: 'Bonjour', isHtml: false, from: 'max@example.com' },
    ])
  })

  it('has no delivery where it came in', async () => {
    const { crm, inside, email } = await atSandbox()
    await crm.trace(email({ direction: 'inbound' }))
    expect(inside.records('Email')).toMatchObject([
      { status: 'Archived', cMessageId: email().id, cDeliveryStatus: null },
    ])
  })

  it('has a subject and texts that PHP can read', async () => {
    const { crm, inside, reports, email } = await atSandbox()
    await crm.trace(email({ subject: `${'é'.repeat(254)}👍`, html: 'a\0b\ud83d' }))
    expect(inside.records('Email')).toMatchObject([{ name: `${'é'.repeat(254)}\ufffd`, body: 'ab\ufffd' }])
    expect(reports).toEqual([])
  })

  it('is written once, however often it is traced', async () => {
    const { crm, writes, email } = await atSandbox()
    await crm.trace(email())
    await crm.trace(email())
    expect(writes()).toEqual(['POST Email'])
  })

  it('is written once where the line was cut after it was taken', async () => {
    const { crm, inside, email } = await atSandbox()
    inside.unanswered('drop')
    expect(await failure(crm.trace(email()))).toMatchObject({ certainty: 'unknown' })
    await crm.trace(email())
    expect(inside.records('Email')).toHaveLength(1)
  })

  it('from an address that is not the API user’s waits for the scope Import', async () => {
    const { crm, inside, email } = await atSandbox()
    inside.switches.forbiddenScopes = ['Import']
    const error = await failure(crm.trace(email()))
    expect(error).toMatchObject({ certainty: 'retryable' })
    expect(error.message).toContain('grant the API user’s role the scope Import')
    inside.switches.forbiddenScopes = []
    await crm.trace(email())
    expect(inside.records('Email')).toHaveLength(1)
  })
})

describe.each([
  ['user', { ESPOCRM_ASSIGNED_USER_ID: 'gone' }],
  ['team', { ESPOCRM_TEAM_ID: 'gone' }],
])('an email of a configured %s that is not there', (_what, environment) => {
  it('waits, and is not shown without its person', async () => {
    const { crm, inside, writes, email } = await atSandbox({}, environment)
    const error = await failure(crm.trace(email()))
    expect(error).toMatchObject({ certainty: 'retryable', onlyThis: true })
    expect(error.message).toMatch(/\(correct ESPOCRM_ASSIGNED_USER_ID or ESPOCRM_TEAM_ID: .+\)$/)
    expect(writes()).toEqual(['POST Email'])
    expect(inside.records('Email')).toEqual([])
  })
})

describe('an email that no provider took', () => {
  const unsent = { unsent: true, html: '<p>Bonjour</p>', text: undefined } as const

  it('is not a record, but one post that says why, however often it is told', async () => {
    const { crm, dana, inside, email } = await atSandbox()
    await crm.trace(email(unsent))
    for (let times = 0; times < 2; times++)
      await crm.tell(email(unsent), { status: 'failed', reason: 'ne plus écrire' })
    expect(inside.records('Email')).toEqual([])
    expect(inside.records('Note')).toMatchObject([
      {
        parentId: dana.id,
        post: '**Email** non envoyé à dana&#64;example.org · 22 novembre 2026 à 10:30\n\nMotif : ne plus écrire\n\n*Votre devis*\n\nBonjour\n\n[u:5f7a8b9c0d1e]',
      },
    ])
  })

  it('is a record once it is sent after all', async () => {
    const { crm, inside, email } = await atSandbox()
    await crm.tell(email(unsent), { status: 'failed', reason: 'trop tard' })
    await crm.tell(email(), { status: 'delivered' })
    expect(inside.records('Email')).toMatchObject([{ cDeliveryStatus: 'Delivered' }])
  })
})

describe('what became of an email', () => {
  const read = {
    status: 'read',
    deliveredAt: new Date('2026-11-22T09:30:05Z'),
    openedAt: new Date('2026-11-22T09:45:00Z'),
  } as const

  it('is in the fields of its record', async () => {
    const { crm, inside, reports, email } = await atSandbox()
    await crm.trace(email())
    await crm.tell(email(), read)
    expect(inside.records('Email')).toMatchObject([
      {
        status: 'Archived',
        cDeliveryStatus: 'Read',
        cDeliveredAt: '2026-11-22 09:30:05',
        cOpenedAt: '2026-11-22 09:45:00',
      },
    ])
    expect(reports).toEqual([])
  })

  it('says why it failed', async () => {
    const { crm, inside, email } = await atSandbox()
    await crm.tell(email(), { status: 'bounced', reason: '550 5.1.1 no such user' })
    expect(inside.records('Email')).toMatchObject([
      { cDeliveryStatus: 'Bounced', cBounceReason: '550 5.1.1 no such user' },
    ])
    expect(inside.records('Note')).toEqual([])
  })

  it('forgets why it failed once it has arrived, and writes that once', async () => {
    const { crm, inside, reports, writes, email } = await atSandbox()
    await crm.tell(email(), { status: 'failed', reason: '421 busy' })
    await crm.tell(email(), { status: 'delivered' })
    await crm.tell(email(), { status: 'delivered' })
    expect(inside.records('Email')).toMatchObject([{ cDeliveryStatus: 'Delivered', cBounceReason: null }])
    expect(writes()).toEqual(['POST Email', 'PUT Email', 'PUT Email'])
    expect(reports).toEqual([])
  })

  it('makes the record where it was not traced', async () => {
    const { crm, writes, email } = await atSandbox()
    await crm.tell(email(), read)
    expect(writes()).toEqual(['POST Email', 'PUT Email'])
  })

  it('is written once, and only what is new of it', async () => {
    const { crm, writes, requests, email } = await atSandbox()
    await crm.tell(email(), { status: 'sent' })
    await crm.tell(email(), { status: 'delivered' })
    await crm.tell(email(), { status: 'delivered' })
    expect(writes()).toEqual(['POST Email', 'PUT Email'])
    expect(requests.find(({ method }) => method === 'PUT')?.body).toBe('{"cDeliveryStatus":"Delivered"}')
  })

  it('is written once where the line was cut after it was taken', async () => {
    const { crm, inside, writes, email } = await atSandbox()
    await crm.trace(email())
    inside.unanswered('drop')
    await failure(crm.tell(email(), read))
    await crm.tell(email(), read)
    expect(writes()).toEqual(['POST Email', 'PUT Email'])
  })

  it('waits while EspoCRM is away, and is the same afterwards', async () => {
    let away = true
    const { crm, inside, email } = await atSandbox({ answers: () => (away ? no(503) : undefined) })
    expect(await failure(crm.tell(email(), read))).toMatchObject({ certainty: 'retryable' })
    away = false
    await crm.tell(email(), read)
    expect(inside.records('Email')).toMatchObject([{ cDeliveryStatus: 'Read' }])
  })
})
