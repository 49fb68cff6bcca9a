import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byGreenapi, byTwilio, person, receivedBy, send, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

const hour = 3_600_000

describe.each(['warn', 'enforce'])("WhatsApp's window, under WHATSAPP_WINDOW=%s", (policy) => {
  let world: World
  let clock = 0
  beforeAll(async () => {
    world = await startWorld({
      workerEveryMs: 20,
      environment: { WHATSAPP_WINDOW: policy },
      now: () => new Date(Date.now() + clock),
    })
  })
  afterAll(() => world.stop())

  const outside =
    policy === 'warn'
      ? { status: 200, body: { warnings: ['outside_whatsapp_window'] } }
      : {
          status: 422,
          body: { error: { code: 'outside_whatsapp_window', provider: 'twilio', providerCode: null } },
        }

  test('is closed to somebody who never wrote', async () => {
    const to = person(byTwilio, 'ok')
    const { status, body } = await send(world, byTwilio, to)
    expect({ status, body }).toMatchObject(outside)
    expect(receivedBy(world, to)).toHaveLength(policy === 'warn' ? 1 : 0)
    const { message } = await shown(world, body.messageId)
    expect(message).toMatchObject(
      policy === 'warn'
        ? { warnings: ['outside_whatsapp_window'] }
        : { status: 'rejected', errorCode: 'outside_whatsapp_window' },
    )
    if (policy === 'enforce') expect(body.error.message).toContain('contentSid')
  })

  test('is open for a day after somebody wrote, and then no more', async () => {
    clock = 0
    const to = person(byTwilio, 'ok')
    await world.sandbox.say({ channel: 'whatsapp', provider: 'twilio', from: to, text: 'Bonjour' })
    await world.settled()
    clock = 23 * hour
    expect(await send(world, byTwilio, to)).toMatchObject({ status: 200, body: { warnings: [] } })
    clock = 25 * hour
    const { status, body } = await send(world, byTwilio, to)
    expect({ status, body }).toMatchObject(outside)
  })

  test('does not concern Green-API', async () => {
    expect(await send(world, byGreenapi, person(byGreenapi, 'ok'))).toMatchObject({
      status: 200,
      body: { warnings: [] },
    })
  })
})
