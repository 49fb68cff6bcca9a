import { describe, expect, it } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { atSandbox, type Between } from './at-sandbox.ts'

const ours = { ESPOCRM_ASSIGNED_USER_ID: credentials.espocrm.assignedUserId }
const notTaken = (field: string) =>
  `espocrm: did not take Email.${field} as sent (install the field, or let the role edit it: docs/espocrm.md)`

async function withoutFields() {
  const at = await atSandbox()
  at.inside.switches.fields = 'missing'
  return at
}

describe('an EspoCRM without our fields', () => {
  it('shows an email as a post in the stream, once', async () => {
    const { crm, dana, inside, email } = await withoutFields()
    await crm.trace(email())
    await crm.trace(email())
    expect(inside.records('Email')).toEqual([])
    expect(inside.records('Note')).toMatchObject([
      {
        parentType: 'Lead',
        parentId: dana.id,
        post: '**Email** envoyé à dana&#64;example.org · 22 novembre 2026 à 10:30\n\n*Votre devis*\n\nBonjour\n\n[m:5f7a8b9c0d1e]',
      },
    ])
  })

  it('shows the words of an HTML email, not its source', async () => {
    const { crm, inside, email } = await withoutFields()
    await crm.trace(email({ text: undefined, html: '<p>Bonjour <b>Dana</b></p><p>Votre devis</p>' }))
    expect(inside.records('Note')).toMatchObject([
      { post: expect.stringContaining('\n\nBonjour Dana\n\nVotre devis\n\n[m:') },
    ])
  })

  it('is reported with the page that says how to install them', async () => {
    const { crm, reports, email } = await withoutFields()
    await crm.trace(email())
    expect(reports).toEqual([
      'espocrm: Email has no field cMessageId that we may read, so that emails are shown as notes (install the fields, or let the role see them: docs/espocrm.md)',
    ])
  })

  it('shows that an email failed, and not that it arrived', async () => {
    const { crm, inside, email } = await withoutFields()
    await crm.tell(email(), { status: 'delivered' })
    expect(inside.records('Note')).toEqual([])
    await crm.tell(email(), { status: 'bounced', reason: 'no such user' })
    await crm.tell(email(), { status: 'bounced', reason: 'no such user' })
    expect(inside.records('Note')).toMatchObject([
      { post: expect.stringMatching(/^\*\*Email\*\* envoyé à/) },
      {
        post: '**Email** refusé par la messagerie de dana&#64;example.org : no such user\n\n[f:5f7a8b9c0d1e]',
      },
    ])
  })

  it('is asked again after ten minutes, and used once they are installed', async () => {
    const { crm, clock, inside, email } = await withoutFields()
    await crm.trace(email())
    inside.switches.fields = 'installed'
    await crm.trace(email({ id: 'second' }))
    expect(inside.records('Email')).toEqual([])
    clock.now = new Date(clock.now.getTime() + 600_000)
    await crm.trace(email({ id: 'third' }))
    expect(inside.records('Email')).toMatchObject([{ cMessageId: 'third' }])
  })

  it('shows nothing of an email with neither a person nor a matter', async () => {
    const { crm, inside, email } = await withoutFields()
    await crm.trace(email({ person: undefined }))
    expect(inside.records('Note')).toEqual([])
  })
})

it('an email of an unknown sender is shown as a post, since EspoCRM has no emails without one', async () => {
  const { crm, inside, email } = await atSandbox()
  await crm.trace(email({ from: undefined }))
  expect(inside.records('Email')).toEqual([])
  expect(inside.records('Note')).toHaveLength(1)
})

describe('a role that forbids a field', () => {
  it('that holds our id leads to posts, before a record is written that could not be found again', async () => {
    const { crm, inside, reports, email } = await atSandbox()
    inside.switches.forbiddenFields = ['Email.cMessageId']
    await crm.trace(email())
    await crm.tell(email(), { status: 'delivered' })
    expect(inside.records('Email')).toEqual([])
    expect(inside.records('Note')).toHaveLength(1)
    expect(reports).toEqual([
      'espocrm: the role forbids to edit Email.cMessageId, so that emails are shown as notes (let the role edit it: docs/espocrm.md)',
    ])
  })

  it('and forbids to read it leads to posts too', async () => {
    const { crm, inside, email } = await atSandbox()
    inside.switches.forbiddenFields = ['Email.cMessageId:read']
    await crm.trace(email())
    await crm.trace(email())
    expect(inside.records('Email')).toEqual([])
    expect(inside.records('Note')).toHaveLength(1)
  })

  it('and does not say so costs one record, and no more', async () => {
    const { crm, inside, reports, email } = await atSandbox({
      answers: (request) =>
        request === 'GET App' ? { status: 200, body: { user: {}, acl: { table: {} } } } : undefined,
    })
    inside.switches.forbiddenFields = ['Email.cMessageId']
    await crm.trace(email())
    await crm.trace(email({ id: 'second' }))
    await crm.tell(email(), { status: 'delivered' })
    expect(inside.records('Email')).toHaveLength(1)
    expect(reports).toContain(notTaken('cMessageId'))
  })

  it('that holds the delivery is reported, and a failure becomes a post', async () => {
    const { crm, inside, reports, email } = await atSandbox()
    inside.switches.forbiddenFields = ['Email.cDeliveryStatus']
    await crm.trace(email())
    await crm.tell(email(), { status: 'delivered' })
    expect(inside.records('Note')).toEqual([])
    await crm.tell(email(), { status: 'complained' })
    expect(inside.records('Note')).toMatchObject([
      { post: '**Email** signalé comme indésirable par dana&#64;example.org\n\n[f:5f7a8b9c0d1e]' },
    ])
    expect(new Set(reports)).toEqual(new Set([notTaken('cDeliveryStatus')]))
  })

  it.each(['dateSent', 'body', 'assignedUser', 'parent'])('such as %s is reported', async (field) => {
    const { crm, inside, reports, email } = await atSandbox({}, ours)
    inside.switches.forbiddenFields = [`Email.${field}`]
    await crm.trace(email())
    expect(reports.length).toBeGreaterThan(0)
    for (const report of reports)
      expect(report).toMatch(new RegExp(`did not take Email\\.${field}\\w* as sent \\(.+\\)$`))
  })
})

describe('an answer of EspoCRM', () => {
  async function reportsWhere(says: NonNullable<Between['says']>, environment: Record<string, string> = {}) {
    const { crm, reports, email } = await atSandbox({ says }, environment)
    await crm.trace(email())
    return reports
  }

  it('with another status than was sent is reported', async () => {
    expect(await reportsWhere((record) => ({ ...record, status: 'Draft' }))).toEqual([
      'espocrm: did not take Email.status as sent (EspoCRM does not let an API user change it so: docs/espocrm.md)',
    ])
  })

  it('that leaves out links is not reported', async () => {
    const says = ({ teamsIds: _left, ...record }: Record<string, unknown>) => record
    expect(await reportsWhere(says, { ESPOCRM_TEAM_ID: credentials.espocrm.teamId })).toEqual([])
  })

  it('with what EspoCRM rightly writes otherwise is not reported', async () => {
    const says = (record: Record<string, unknown>) => ({
      ...record,
      body: 'cleaned',
      to: 'DANA@example.org',
      teamsIds: [credentials.espocrm.teamId, 'another'],
    })
    expect(await reportsWhere(says, { ESPOCRM_TEAM_ID: credentials.espocrm.teamId })).toEqual([])
  })
})
