import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byGreenapi, byTwilio, person, receivedBy, send, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

describe.each(['warn', 'enforce'])("WhatsApp's window, under WHATSAPP_WINDOW=%s", (policy) => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({
      workerEveryMs: 20,
      environment: { WHATSAPP_WINDOW: policy },
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

  /** As if what this person wrote came so many hours ago. */
  const wroteAgo = (sender: string, hours: number) =>
    world.database.query(
      'update messages set created_at = now() - make_interval(hours => $2) where sender = $1',
      [sender, hours],
    )

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
    const to = person(byTwilio, 'ok')
    await world.sandbox.say({ channel: 'whatsapp', provider: 'twilio', from: to, text: 'Bonjour' })
    await world.settled()
    await wroteAgo(to, 23)
    expect(await send(world, byTwilio, to)).toMatchObject({ status: 200, body: { warnings: [] } })
    await wroteAgo(to, 25)
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
