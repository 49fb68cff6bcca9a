import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { anotherServer } from '#support/another-server.ts'
import { bySendgrid, bySmtp, logged, person, receivedBy, send, shown } from '#support/sends.ts'
import { type Answer, startWorld, type World } from '#support/world.ts'

const hourMs = 3_600_000
/** However slow a machine is. */
const slackMs = 300_000
const environment = { SMTP_RATE: '1' }

let aheadMs = 0
const now = () => new Date(Date.now() + aheadMs)
let world: World
beforeEach(async () => {
  aheadMs = 0
  world = await startWorld({ environment, workerEveryMs: 20, now })
})
afterEach(() => world.stop())

/** As if so many hours had passed, for the servers and for the database. */
async function hoursPass(hours: number): Promise<void> {
  await world.settled()
  const earlier = (column: string) => `${column} = ${column} - interval '${hours} hours'`
  await world.database.query(
    `update provider_turns set ${['next_at', 'told_at', 'told_next_at'].map(earlier).join(', ')}`,
  )
  await world.database.query(
    `update messages set ${['next_attempt_at', 'send_at', 'expires_at'].map(earlier).join(', ')} where next_attempt_at is not null`,
  )
  aheadMs += hours * hourMs
}

const mails = (count: number) => Array.from({ length: count }, () => person(bySmtp, 'ok'))
const sendAll = async (people: readonly string[]) => {
  const answers: Answer[] = []
  for (const to of people) answers.push(await send(world, bySmtp, to))
  return answers
}
/** Whom they went to by SMTP, in their order. */
const sent = () => world.sandbox.received().flatMap(({ provider, to }) => (provider === 'smtp' ? [to] : []))
const becomesSent = (people: readonly string[]) =>
  vi.waitFor(() => expect(sent().toSorted()).toEqual(people.toSorted()), { timeout: 15_000, interval: 20 })
const inHours = ({ body }: Answer, since: number) => (Date.parse(body.nextAttemptAt) - since) / hourMs

test('one goes out at once, and the callers of the others are told when their turn comes', async () => {
  const since = Date.now()
  const people = mails(4)
  const [first, ...others] = await sendAll(people)
  expect(first).toMatchObject({ status: 200, body: { status: 'sent' } })
  for (const [at, answer] of others.entries()) {
    expect(answer).toMatchObject({ status: 202, body: { status: 'queued', warnings: [] } })
    expect(Math.abs(inHours(answer, since) - (at + 1)) * hourMs).toBeLessThan(slackMs)
  }
  const { message } = await shown(world, others[2]?.body.messageId)
  expect(message).toMatchObject({
    status: 'queued',
    errorCode: 'paced',
    errorMessage: 'smtp: takes so many an hour, and others go first',
  })
  expect(Math.abs(Date.parse(message.nextAttemptAt) - since - 3 * hourMs)).toBeLessThan(slackMs)
  await becomesSent(people.slice(0, 1))
})

test('they go out in their order, one each time that a turn comes', async () => {
  const people = mails(3)
  await sendAll(people)
  for (const count of [2, 3]) {
    await hoursPass(1)
    await becomesSent(people.slice(0, count))
    // None goes before its turn.
    await pause(200)
    expect(sent()).toEqual(people.slice(0, count))
  }
})

test('those who ask at the same moment are told one after another', async () => {
  const since = Date.now()
  const answers = await Promise.all(mails(4).map((to) => send(world, bySmtp, to)))
  const told = answers.flatMap((answer) =>
    answer.body.nextAttemptAt ? [Math.round(inHours(answer, since))] : [],
  )
  expect(told.toSorted()).toEqual([1, 2, 3])
})

test('two servers on one database hold to it together', async () => {
  const other = await anotherServer(world, { environment, now })
  try {
    const bearer = { Authorization: `Bearer ${await world.token('t1')}`, 'Content-Type': 'application/json' }
    const there = async (to: string) => {
      const params = { to, subject: 'Test', body: 'b', provider: 'smtp' }
      const body = JSON.stringify({ action: 'sendEmail', params })
      const { status } = await fetch(`${other.url}/api/max/actions`, {
        method: 'POST',
        headers: bearer,
        body,
      })
      return status
    }
    const people = mails(6)
    const statuses = await Promise.all(
      people.map(async (to, at) => (at % 2 === 0 ? (await send(world, bySmtp, to)).status : there(to))),
    )
    expect(statuses.toSorted()).toEqual([200, 202, 202, 202, 202, 202])
    for (const count of [1, 2, 3, 4]) {
      await vi.waitFor(() => expect(sent()).toHaveLength(count), { timeout: 15_000, interval: 20 })
      await pause(200)
      expect(sent()).toHaveLength(count)
      await hoursPass(1)
    }
    expect(new Set(sent()).size).toBe(sent().length)
  } finally {
    await other.stop()
  }
})

test('a reminder goes before the mails that wait', async () => {
  const since = Date.now()
  const [first = '', second = '', third = ''] = mails(3)
  await sendAll([first, second, third])
  const reminder = person(bySmtp, 'ok')
  const answer = await send(world, bySmtp, reminder, { parentType: 'Meeting', parentId: 'meeting-1' })
  expect(Math.round(inHours(answer, since))).toBe(1)
  await hoursPass(1)
  await becomesSent([first, reminder])
  await hoursPass(1)
  await becomesSent([first, reminder, second])
})

test('whoever wants it sooner than its turn comes is told that it will not go, and it does not', async () => {
  const people = mails(2)
  await sendAll(people)
  const late = person(bySmtp, 'ok')
  const expiresAt = new Date(Date.now() + 1.5 * hourMs).toISOString()
  const { status, body } = await send(world, bySmtp, late, { expiresAt })
  expect({ status, error: body.error }).toMatchObject({
    status: 422,
    error: { code: 'expired', message: expect.stringContaining('its turn would come after expiresAt') },
  })
  await hoursPass(3)
  await becomesSent(people)
})

test('a new mail stands behind one that was to go later and is due', async () => {
  const [before = '', later = '', fresh = ''] = mails(3)
  await send(world, bySmtp, before)
  const sendAt = new Date(Date.now() + hourMs / 2).toISOString()
  expect((await send(world, bySmtp, later, { sendAt })).body.status).toBe('scheduled')
  await world.database.query('update messages set next_attempt_at = now() where phase = $1', ['scheduled'])
  const since = Date.now()
  expect(Math.round(inHours(await send(world, bySmtp, fresh), since))).toBe(2)
  await hoursPass(1)
  await becomesSent([before, later])
})

test('one that is not wanted any more takes nobody’s turn, and other providers are not held up', async () => {
  const [first = '', gone = '', last = ''] = mails(3)
  const [, second] = await sendAll([first, gone, last])
  expect((await world.call('POST', `/api/messages/${second?.body.messageId}/cancel`)).status).toBe(200)
  for (const _time of [1, 2, 3])
    expect((await send(world, bySendgrid, person(bySendgrid, 'ok'))).status).toBe(200)
  await hoursPass(2)
  await becomesSent([first, last])
  expect(receivedBy(world, gone)).toEqual([])
})

test('what waits in line for long does not make the server unready', async () => {
  // Its worker looks once, before anything waits.
  const idle = await startWorld({ environment, workerEveryMs: 600_000, now })
  try {
    for (const to of mails(2)) await send(idle, bySmtp, to)
    await idle.settled()
    await idle.database.query(
      `update messages set next_attempt_at = now() - interval '1 hour' where next_attempt_at is not null`,
    )
    aheadMs += 2 * hourMs
    const ready = await fetch(`${idle.url}/health/ready`)
    expect(await ready.json()).toEqual({ ready: false, reasons: ['worker: has not finished a round lately'] })
  } finally {
    await idle.stop()
  }
})

test('where the database does not say whose turn it is, nothing goes out', async () => {
  await world.database.query('alter table provider_turns rename to provider_turns_gone')
  const to = person(bySmtp, 'ok')
  expect(await send(world, bySmtp, to)).toMatchObject({ status: 202, body: { status: 'queued' } })
  expect(sent()).toEqual([])
  expect(logged(world, 'turn_not_known')).toHaveLength(1)
  await world.database.query('alter table provider_turns_gone rename to provider_turns')
  await hoursPass(1)
  await becomesSent([to])
})
