import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { signToken } from '#src/api/token.ts'
import { type Server, startServer } from '#src/server.ts'
import { migrate } from '#src/store/migrate.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type TestDatabase } from '#support/database.ts'
import { drained } from '#support/signed.ts'
import { silentLog } from '#support/spool.ts'
import { freePort } from '../../scripts/free-port.ts'
import { releaseBefore, whyNoReleaseBefore } from '../../scripts/release-before.ts'
import { type OldInstance, releaseBeforeIn } from './old-instance.ts'

const jwtSecret = 'the-secret-of-the-tests-only-0123456789'
const why = whyNoReleaseBefore()
const title = 'a process of the release before, on a database that is migrated under it'

describe.skipIf(why)(why ? `${title}: ${why}` : title, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'max-comms-test-'))
  const before = releaseBeforeIn()
  let opened: TestDatabase
  let sandbox: Sandbox
  let environment: Record<string, string>
  let headers: Record<string, string>
  let old: OldInstance
  let fresh: Server
  beforeAll(async () => {
    opened = await emptyDatabase()
    before.migrate(opened.url)
    const url = `http://127.0.0.1:${await freePort()}`
    sandbox = await startSandbox({ baseUrl: url, delayMs: 0 })
    const own = { NODE_ENV: 'test', DATABASE_URL: opened.url, JWT_SECRET: jwtSecret }
    environment = { ...sandbox.environment, ...own }
    old = await before.start(url, environment)
    const token = await signToken(jwtSecret, { tenantId: 't1', ops: true, expires: '1h' })
    headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  }, 180_000)
  afterAll(async () => {
    await fresh?.stop()
    await old?.stop()
    await sandbox?.close()
    await opened?.drop()
    before.remove()
    rmSync(dataDir, { recursive: true, force: true })
  })

  let people = 0
  const sent: { to: string; status: number; messageId: string; lead: string }[] = []

  /** An email or an SMS to somebody whom the CRM knows. */
  async function send(url: string, more: object = {}) {
    people += 1
    const [phone, email] = [`+3362${10_000 + people}70`, `ok+${people}@customers.example`]
    const lead = sandbox.crm.lead({ firstName: 'Anna', lastName: `Martin ${people}`, phone, email })
    const params =
      people % 2 === 0
        ? { to: phone, body: 'Bonjour', ...more }
        : {
            to: email,
            body: '<p>Bonjour</p>',
            subject: 'Test',
            provider: 'sendgrid',
            tracking: { opens: true },
            ...more,
          }
    const action = people % 2 === 0 ? 'sendSMS' : 'sendEmail'
    const answer = await fetch(`${url}/api/max/actions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ action, params }),
    })
    const { messageId } = (await answer.json()) as { messageId: string }
    sent.push({ to: params.to, status: answer.status, messageId, lead: lead.id })
    return { messageId, params, action }
  }

  /** Somebody writes, to whoever is told of it. */
  const say = (from: string, text: string) => sandbox.say({ channel: 'sms', from, text })

  /** Sends by several at once, until what is done beside it has been done. */
  async function sendingTo(urls: string[], beside: () => Promise<unknown>): Promise<void> {
    let done = false
    const senders = [...urls, ...urls].map(async (url) => {
      while (!done) await send(url)
    })
    const from = sent.length
    const reached = (count: number) =>
      vi.waitFor(() => expect(sent.length - from).toBeGreaterThan(count), { timeout: 60_000 })
    await reached(10)
    await beside()
    await reached(sent.length - from + 10)
    done = true
    await Promise.all(senders)
  }

  test('what is written down of its functions is true', async () => {
    const made = await opened.query(
      `select format('%s(%s) returns %s', p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)) as made
       from pg_proc p
       where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') = 'max-comms'
       order by 1`,
    )
    expect(made.map(({ made }) => made)).toEqual(releaseBefore.functions)
    expect(before.calls()).toEqual(Object.keys(releaseBefore.calls).toSorted())
  })

  test('sends and hears on, beside a process of this one: nothing is lost or done twice, and nobody is answered 5xx', async () => {
    const kept = await send(old.url, { idempotencyKey: 'before' })
    const waiting = await send(old.url, { sendAt: new Date(Date.now() + 3_600_000).toISOString() })
    await say('+33620000001', 'Bonjour')
    await sendingTo([old.url], async () => {
      const connection = await connectForMigration(opened.url)
      expect(await migrate(connection)).toContain('functions')
      await connection.close()
      await say('+33620000002', 'STOP')
    })
    const port = String(await freePort())
    const url = `http://127.0.0.1:${port}`
    fresh = await startServer(
      { ...environment, DATA_DIR: dataDir, PORT: port, BASE_URL: url },
      { log: silentLog() },
    )
    // A server that is told by a callback of the message's own goes on being told; the others, at the new address.
    await sendingTo([old.url, url], async () => {
      sandbox.setBaseUrl(url)
      await say('+33620000003', 'STOP')
    })

    // What was kept before is known to this one: a key, and a message that waits.
    const repeat = await fetch(`${url}/api/max/actions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ action: kept.action, params: kept.params }),
    })
    expect(await repeat.json()).toMatchObject({ messageId: kept.messageId })
    await opened.query('update messages set next_attempt_at = now() where id = $1', [waiting.messageId])

    await everythingTold()
    expect(await old.stop()).toBe(0)
    expect(old.errors()).toEqual([])
    expect(sent.map(({ status }) => status).filter((status) => status !== 200)).toEqual([202])
    expect(sandbox.webhooks().filter(({ status }) => status === null || status >= 300)).toEqual([])
    expect(await heard()).toEqual([
      { sender: '+33620000001', text: 'Bonjour', withdrawn: null },
      { sender: '+33620000002', text: 'STOP', withdrawn: true },
      { sender: '+33620000003', text: 'STOP', withdrawn: true },
    ])
    const received = sandbox.received().map(({ to }) => to)
    expect(received.toSorted()).toEqual(sent.map(({ to }) => to).toSorted())
    for (const { to, messageId, lead } of sent) {
      const shown = to.startsWith('+')
        ? sandbox.crm.records('Note').filter(({ parentId }) => parentId === lead)
        : sandbox.crm.records('Email').filter((email) => email.cMessageId === messageId)
      expect(shown, to).toHaveLength(1)
      if (!to.startsWith('+'))
        expect(shown[0]).toMatchObject({ cDeliveryStatus: 'Read', cOpenedAt: expect.anything() })
    }
  }, 240_000)

  /** What people wrote, and who of them withdrew consent. */
  function heard() {
    return opened.query(
      `select m.sender, m.text, s.active as withdrawn
       from messages m
       left join suppressions s on s.channel = m.channel and s.address = m.sender
       where m.direction = 'inbound'
       order by m.sender`,
    )
  }

  /** Until every message is delivered, and the CRM told. */
  async function everythingTold(): Promise<void> {
    const none = (sql: string) =>
      vi.waitFor(async () => expect(await opened.query(sql)).toEqual([]), { timeout: 60_000, interval: 100 })
    await none(`select status from messages where direction = 'outbound' and delivered_at is null`)
    // An email is opened after that, and what is told last is work for the CRM too.
    await sandbox.idle()
    for (const url of [old.url, fresh.url]) await drained(url)
    await none('select kind from jobs')
  }
})
