import { describe, expect, test, vi } from 'vitest'
import type { Reply } from '#support/local-api.ts'
import { becomes, logged } from '#support/sends.ts'
import type { World } from '#support/world.ts'
import { worldBehind } from './between.ts'
import { notes, patient, workDone } from './crm-world.ts'

const page = { headers: { 'content-type': 'text/html' } }

// espocrm/espocrm#2083, #1733: a firewall takes a search for an attack; a challenge wants a browser. All at once, since each waits a while.
test('what a customer writes while something before the CRM answers in its place stands there when that is over', async () => {
  const replies = [
    { status: 403, ...page, body: '<h1>Forbidden</h1>' },
    { status: 403, headers: { 'content-type': 'text/plain' }, body: 'error code: 1020' },
    { status: 403, headers: { 'content-type': 'application/json' }, body: { message: 'blocked' } },
    { status: 406, ...page, body: '<h1>Not Acceptable!</h1>Mod_Security' },
    { status: 302, headers: { location: 'https://login.example' } },
  ]
  await Promise.all(replies.map(isLateNotLost))
})

async function isLateNotLost(reply: Reply): Promise<void> {
  let refused = 0
  const world = await worldBehind(({ method, path }) => {
    if (method !== 'GET' || !/\/(?:Lead|Contact)\b/.test(path) || refused > 0) return undefined
    refused += 1
    return reply
  })
  const anna = patient(world)
  await world.sandbox.say({ channel: 'sms', from: anna.phone, text: 'Bonjour, puis-je venir à 9 h ?' })
  await world.settled()
  await vi.waitFor(() => expect(notes(world, anna.lead.id).join()).toContain('9 h'), { timeout: 40_000 })
  await workDone(world)
  expect(refused).toBe(1)
  expect(logged(world, 'inbound_person_unknown')).toEqual([])
  expect(await world.database.query('select kind from jobs where dead_at is not null')).toEqual([])
}

describe('an email where the role reads the emails of its teams only', () => {
  const full = { create: 'yes', read: 'all', edit: 'all', delete: 'all', stream: 'all' }
  const scopes = ['Lead', 'Contact', 'Account', 'Meeting', 'Task', 'Note', 'User', 'Team', 'Import']
  const table = Object.fromEntries(scopes.map((scope) => [scope, full]))
  const none = { status: 200, body: { total: 0, list: [] } }

  async function sentToRead(world: World) {
    const anna = patient(world)
    const { status, body } = await world.action('sendEmail', {
      to: anna.email,
      subject: 'Equipe',
      body: '<p>x</p>',
      leadId: anna.lead.id,
      provider: 'sendgrid',
      tracking: { opens: true, clicks: true },
    })
    expect(status).toBe(200)
    await becomes(world, body.messageId, { status: 'opened' })
    await world.settled()
    await workDone(world)
    return { anna, records: world.sandbox.crm.records('Email') }
  }

  test.each([[undefined], [[]], [['another-team']]])(
    'and the API user is in %j: notes, and a finding',
    async (teamsIds) => {
      const acl = { table: { ...table, Email: { create: 'yes', read: 'team', edit: 'team' } } }
      const world = await worldBehind(({ method, path }) => {
        if (method !== 'GET') return undefined
        if (path.includes('/App/')) return { status: 200, body: { user: { type: 'api', teamsIds }, acl } }
        return path.includes('/Email') ? none : undefined
      })
      await vi.waitFor(() =>
        expect(logged(world, 'provider_checked').map(({ finding }) => finding)).toContainEqual(
          expect.stringMatching(
            /Email is read only where it is of the API user’s teams \(let the role read all/,
          ),
        ),
      )
      const { anna, records } = await sentToRead(world)
      expect(records).toEqual([])
      expect(notes(world, anna.lead.id).join('\n')).toContain('Equipe')
    },
  )

  test('and says nothing of it: one record, however often its status changes', async () => {
    const world = await worldBehind(({ method, path }) =>
      method === 'GET' && /\/Email\b/.test(path) ? none : undefined,
    )
    const { records } = await sentToRead(world)
    expect(records).toHaveLength(1)
  })
})
