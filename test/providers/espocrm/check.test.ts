import { describe, expect, it } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { nobodyListens } from '#support/local-api.ts'
import { atSandbox, type Between } from './at-sandbox.ts'
import { crmAt, no } from './crm-at.ts'

const ours = { ESPOCRM_ASSIGNED_USER_ID: credentials.espocrm.assignedUserId }

describe('the self-test of EspoCRM', () => {
  it('finds nothing where everything is as it should be', async () => {
    const { crm } = await atSandbox({}, ours)
    expect(await crm.check()).toEqual([])
  })

  it('says that the key is refused', async () => {
    const { crm } = await atSandbox({}, { ESPOCRM_API_KEY: 'another' })
    expect(await crm.check()).toEqual(['espocrm: GET App: answered HTTP 401 (check ESPOCRM_API_KEY)'])
  })

  it('says that nobody is there', async () => {
    const { crm } = await atSandbox({ answers: () => no(503) })
    expect(await crm.check()).toEqual(['espocrm: GET App: answered HTTP 503'])
  })

  it('says what the role lacks, each in one line with its remedy', async () => {
    const { crm, inside } = await atSandbox({}, ours)
    inside.switches.forbiddenScopes = ['Import', 'Lead.stream', 'Lead.edit', 'Account', 'Meeting.stream']
    expect(await crm.check()).toEqual([
      'espocrm: an email from an address that is not the API user’s own is refused (grant the role the scope Import: docs/espocrm.md)',
      'espocrm: leads are not found, marked or written about (grant the role edit, stream on Lead: docs/espocrm.md)',
      'espocrm: accounts are not found, marked or written about (grant the role read, edit, stream on Account: docs/espocrm.md)',
      'espocrm: meetings are not found, answered or written about (grant the role stream on Meeting: docs/espocrm.md)',
    ])
  })

  it('says that records are read which are the API user’s own only', async () => {
    const all = { create: 'yes', read: 'all', edit: 'all', stream: 'all' }
    const table = {
      Email: { ...all, read: 'own' },
      Import: true,
      Lead: all,
      Contact: all,
      Account: all,
      Meeting: all,
      Task: all,
    }
    const answers: Between['answers'] = (request) =>
      request === 'GET App' ? { status: 200, body: { user: { type: 'api' }, acl: { table } } } : undefined
    const { crm } = await atSandbox({ answers }, ours)
    expect(await crm.check()).toEqual([
      'espocrm: Email is read only where it is the API user’s own (let the role read all: docs/espocrm.md)',
    ])
  })

  it.each([
    [['another'], ['Email', 'Lead']],
    [[credentials.espocrm.teamId], ['Lead']],
    [undefined, ['Email', 'Lead']],
  ])(
    'says that records are read which are of the API user’s teams only, where it is in %j',
    async (teamsIds, found) => {
      const all = { create: 'yes', read: 'all', edit: 'all', stream: 'all' }
      const team = { ...all, read: 'team' }
      const table = {
        Email: team,
        Import: true,
        Lead: team,
        Contact: all,
        Account: all,
        Meeting: all,
        Task: all,
      }
      const answers: Between['answers'] = (request) =>
        request === 'GET App'
          ? { status: 200, body: { user: { type: 'api', teamsIds }, acl: { table } } }
          : undefined
      const { crm } = await atSandbox({ answers }, { ...ours, ESPOCRM_TEAM_ID: credentials.espocrm.teamId })
      expect(await crm.check()).toEqual(
        found.map(
          (scope) =>
            `espocrm: ${scope} is read only where it is of the API user’s teams (let the role read all, or put the user into the team of ESPOCRM_TEAM_ID: docs/espocrm.md)`,
        ),
      )
    },
  )

  it('says of a ban, or of a proxy, that it does not say why, and not that the role lacks something', async () => {
    const { crm } = await atSandbox({ answers: () => ({ status: 403 }) }, ours)
    expect(await crm.check()).toEqual([
      'espocrm: GET App: answered HTTP 403 (check ESPOCRM_API_KEY, and what stands before EspoCRM: it does not say why)',
    ])
  })

  it('says which fields are missing', async () => {
    const { crm, inside } = await atSandbox({}, ours)
    inside.switches.fields = 'missing'
    expect(await crm.check()).toEqual([
      'espocrm: Email has no field cMessageId, cDeliveryStatus, cDeliveredAt, cOpenedAt, cBounceReason (install them: docs/espocrm.md)',
    ])
  })

  it('says which fields are forbidden', async () => {
    const { crm, inside } = await atSandbox({}, ours)
    inside.switches.forbiddenFields = ['Email.cMessageId', 'Email.cOpenedAt:read']
    expect(await crm.check()).toEqual([
      'espocrm: the role may not read and edit Email.cMessageId, Email.cOpenedAt (allow it: docs/espocrm.md)',
    ])
  })

  it('says which words the delivery lacks', async () => {
    const { crm } = await atSandbox(
      {
        answers: (request) => {
          const cDeliveryStatus = { options: ['Sent', 'Delivered', 'Failed'] }
          const body = { cMessageId: {}, cDeliveryStatus, cDeliveredAt: {}, cOpenedAt: {}, cBounceReason: {} }
          return request === 'GET Metadata' ? { status: 200, body } : undefined
        },
      },
      ours,
    )
    expect(await crm.check()).toEqual([
      'espocrm: Email.cDeliveryStatus has no option Read, Clicked, Bounced, Spam (install the fields again: docs/espocrm.md)',
    ])
  })

  it('says that a role may assign nothing to the configured user', async () => {
    const { crm, inside } = await atSandbox({}, ours)
    inside.switches.assignment = 'no'
    expect(await crm.check()).toEqual([
      'espocrm: the role may assign nothing to others (set its Assignment permission to all or team)',
    ])
  })

  it('says whose tasks are where no user is configured', async () => {
    const { crm } = await atSandbox()
    expect(await crm.check()).toEqual([
      'espocrm: tasks go to the user whose record it is, and fail where that is nobody (set ESPOCRM_ASSIGNED_USER_ID)',
    ])
  })

  it.each([
    ['User', 'ESPOCRM_ASSIGNED_USER_ID', { ESPOCRM_ASSIGNED_USER_ID: 'gone' }],
    ['Team', 'ESPOCRM_TEAM_ID', { ...ours, ESPOCRM_TEAM_ID: 'gone' }],
  ])('says that the configured %s is not there', async (type, variable, environment) => {
    const { crm } = await atSandbox({}, environment)
    expect(await crm.check()).toEqual([
      `espocrm: there is no ${type} with the id in ${variable}: emails and tasks wait (correct it: docs/espocrm.md)`,
    ])
  })

  it('says nothing of a user and a team that are there', async () => {
    const { crm, requests } = await atSandbox({}, { ...ours, ESPOCRM_TEAM_ID: credentials.espocrm.teamId })
    expect(await crm.check()).toEqual([])
    expect(requests.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        `/api/v1/User/${credentials.espocrm.assignedUserId}`,
        `/api/v1/Team/${credentials.espocrm.teamId}`,
      ]),
    )
  })

  it('says nothing of a user that the role may not read, or not this one', async () => {
    const gone = { ESPOCRM_ASSIGNED_USER_ID: 'gone' }
    const blind = await atSandbox({}, gone)
    blind.inside.switches.forbiddenScopes = ['User']
    expect(await blind.crm.check()).toEqual([])
    const hidden = await atSandbox(
      { answers: (request) => (request === 'GET User' ? no(403, 'No read access.') : undefined) },
      gone,
    )
    expect(await hidden.crm.check()).toEqual([])
  })

  it('says which address cannot be reached', async () => {
    const { crm } = crmAt(await nobodyListens())
    expect(await crm.check()).toEqual(['espocrm: cannot be reached (ECONNREFUSED) (check ESPOCRM_URL)'])
  })

  it('says that the key travels unencrypted, but not of this machine', async () => {
    const { crm } = crmAt((await nobodyListens()).replace('127.0.0.1', '0.0.0.0'))
    expect(await crm.check()).toEqual([
      'espocrm: ESPOCRM_URL is http: the key travels unencrypted (use https)',
      expect.stringMatching(/^espocrm: cannot be reached/),
    ])
  })
})
