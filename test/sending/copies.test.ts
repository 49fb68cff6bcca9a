import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { credentials } from '#sandbox/credentials.ts'
import {
  becomes,
  byResend,
  bySendgrid,
  bySmtp,
  comes,
  person,
  schedule,
  send,
  shown,
  type Way,
} from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
})
afterAll(() => world.stop())

/** Somebody who gets an email and complains of it. */
async function complainer(): Promise<string> {
  const address = person(bySendgrid, 'spam')
  await complains(address)
  return address
}

async function complains(address: string): Promise<void> {
  const { body } = await send(world, byResend, address)
  await becomes(world, body.messageId, { status: 'complained' })
}

/** As SendGrid tells it of an address, and of no message of ours. */
async function told(to: string, more: object): Promise<Date> {
  const at = new Date()
  const event = {
    provider: 'sendgrid',
    event_id: `told-${to}`,
    provider_type: 'told',
    channel: 'email',
    recipient: to,
    source: 'webhook',
    occurred_at: at.toISOString(),
    received_at: at.toISOString(),
    ...more,
  }
  await world.database.query(`select record_events($1, '[]', '[]', null, 0, 0)`, [JSON.stringify([event])])
  return at
}

/** Whom a provider was given an email for. */
async function whom({ provider }: Way, messageId: string): Promise<string[]> {
  await world.settled()
  const { message, events } = await shown(world, messageId)
  if (provider === 'sendgrid')
    return unique(
      events
        .filter(({ source }: { source: string }) => source === 'webhook')
        .map(({ recipient }: { recipient: string }) => recipient),
    )
  if (provider === 'smtp') {
    const id = `<${message.providerMessageId}>`
    return unique(
      world.sandbox
        .received()
        .filter((one) => one.id === id)
        .map(({ to }) => to),
    )
  }
  const url = `${world.sandbox.environment.RESEND_API_URL}/emails/${message.providerMessageId}`
  const headers = { Authorization: `Bearer ${credentials.resend.apiKey}` }
  const { to, cc, bcc } = resource.parse(await (await fetch(url, { headers })).json())
  return unique([...to, ...cc, ...bcc])
}

const resource = z.object({
  to: z.array(z.string()),
  cc: z.array(z.string()),
  bcc: z.array(z.string()),
})

function unique(addresses: string[]): string[] {
  return [...new Set(addresses.map((address) => address.toLowerCase()))].toSorted()
}

describe.each([bySmtp, bySendgrid, byResend])('a copy by $provider', (way) => {
  /** Resend does not say whom of several it tells of. */
  const always = way === byResend ? ['events_of_copies_unknown'] : []

  test('goes to nobody who is not to be written to: it is left out, and the caller is told', async () => {
    const [to, cc, bcc] = [person(way, 'ok'), person(way, 'ok'), person(way, 'ok')]
    const gone = await complainer()
    const copies = { cc: [gone.toUpperCase().replace('.EXAMPLE', '.example'), cc], bcc: [bcc, gone] }
    const { status, body } = await send(world, way, to, copies)
    expect({ status, warnings: body.warnings }).toEqual({
      status: 200,
      warnings: [...always, 'copies_suppressed'],
    })
    expect((await shown(world, body.messageId)).message.warnings).toEqual([...always, 'copies_suppressed'])
    expect(await whom(way, body.messageId)).toEqual(unique([to, cc, bcc]))
  })

  test('goes to whom a later message reached, after an older one had called them dead', async () => {
    const [to, cc] = [person(way, 'ok'), person(bySendgrid, 'ok')]
    const first = await send(world, bySendgrid, cc)
    await becomes(world, first.body.messageId, { status: 'delivered' })
    const arrivedAt = (at: Date) =>
      world.database.query('update messages set delivered_at = $2 where id = $1', [first.body.messageId, at])
    const died = await told(cc, {
      type: 'bounced',
      code: '5.1.1',
      bounce_class: 'hard',
      consent: 'withdrawn',
    })
    await arrivedAt(new Date(died.getTime() - 60_000))
    expect((await send(world, way, to, { cc: [cc] })).body.warnings).toContain('copies_suppressed')
    await arrivedAt(new Date(died.getTime() + 60_000))
    const { body } = await send(world, way, to, { cc: [cc] })
    expect(body.warnings).toEqual(always)
    expect(await whom(way, body.messageId)).toEqual(unique([to, cc]))
  })

  test('to everybody is no warning', async () => {
    const [to, cc] = [person(way, 'ok'), person(way, 'ok')]
    const { body } = await send(world, way, to, { cc: [cc], bcc: [to] })
    expect(body.warnings).toEqual(always)
    expect(await whom(way, body.messageId)).toEqual(unique([to, cc]))
  })

  test('of what was scheduled goes to nobody who complained meanwhile', async () => {
    const [to, cc] = [person(way, 'ok'), person(way, 'spam')]
    const messageId = await schedule(world, way, to, { bcc: [cc] })
    await complains(cc)
    await comes(world, messageId)
    await becomes(world, messageId, {
      sentAt: expect.any(String),
      warnings: [...always, 'copies_suppressed'],
    })
    expect(await whom(way, messageId)).toEqual([to])
  })
})

test('a copy of what is tried again goes to nobody who complained after the first try', async () => {
  const [to, cc] = [person(bySendgrid, 'busy'), person(bySendgrid, 'spam')]
  const { status, body } = await send(world, bySendgrid, to, { cc: [cc] })
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued', warnings: [] } })
  await complains(cc)
  await comes(world, body.messageId)
  await becomes(world, body.messageId, { status: 'delivered', warnings: ['copies_suppressed'] })
  expect(await whom(bySendgrid, body.messageId)).toEqual([to])
})

test('a recipient who is not to be written to gets nothing, and neither do the copies', async () => {
  const [to, cc] = [await complainer(), person(bySmtp, 'ok')]
  expect(await send(world, bySmtp, to, { cc: [cc] })).toMatchObject({
    status: 422,
    body: { error: { code: 'suppressed' } },
  })
  expect(world.sandbox.received().filter((one) => one.to === cc)).toEqual([])
})
