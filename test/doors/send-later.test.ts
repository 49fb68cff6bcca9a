import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { moment, uuid } from '#support/forms.ts'
import { becomes, bySms, comes, person, receivedBy, schedule, send, shown, ways } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 50 })
})
afterAll(() => world.stop())

/** Until its attempts have these outcomes: that the provider has it is known there before it is recorded here. */
function ends(messageId: string, outcomes: string[]) {
  return vi.waitFor(
    async () => {
      const body = await shown(world, messageId)
      expect(body.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(outcomes)
      return body
    },
    { timeout: 15_000, interval: 50 },
  )
}

describe('a send that has to wait', () => {
  test.each(ways)(
    '$action by $provider answers 202 queued and goes out once its time has come',
    async (way) => {
      const to = person(way, 'busy')
      const { status, body } = await send(world, way, to)
      expect(status).toBe(202)
      expect(body).toEqual({
        success: true,
        provider: way.provider,
        entityId: null,
        messageId: expect.stringMatching(uuid),
        status: 'queued',
        preview: expect.stringContaining("en attente d'envoi à"),
        warnings: [],
        nextAttemptAt: expect.stringMatching(moment),
      })
      expect(Date.parse(body.nextAttemptAt)).toBeGreaterThan(Date.now())
      expect(receivedBy(world, to)).toHaveLength(0)
      await comes(world, body.messageId)
      const told = await ends(body.messageId, ['retryable', 'accepted'])
      expect(told.message).toMatchObject({ attempts: 2, nextAttemptAt: null, errorCode: null })
      await world.settled()
      expect(receivedBy(world, to)).toHaveLength(1)
    },
  )

  test('that is scheduled answers 202 and goes out when its time has come, not before', async () => {
    const to = person(bySms, 'ok')
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const { status, body } = await send(world, bySms, to, { sendAt })
    expect(status).toBe(202)
    expect(body).toEqual({
      success: true,
      provider: 'twilio',
      entityId: null,
      messageId: expect.stringMatching(uuid),
      status: 'scheduled',
      preview: `SMS programmé pour ${to}`,
      warnings: [],
      nextAttemptAt: sendAt,
    })
    await becomes(world, body.messageId, { status: 'scheduled' })
    expect(receivedBy(world, to)).toHaveLength(0)
    await comes(world, body.messageId)
    await becomes(world, body.messageId, { status: 'delivered' })
    expect(receivedBy(world, to)).toHaveLength(1)
  })

  test('for a second goes out by itself after that second', async () => {
    const to = person(bySms, 'ok')
    const sendAt = new Date(Date.now() + 1_000)
    const { body } = await send(world, bySms, to, { sendAt: sendAt.toISOString() })
    await becomes(world, body.messageId, { status: 'delivered' })
    const [received] = receivedBy(world, to)
    expect(Date.parse(received?.at ?? '')).toBeGreaterThanOrEqual(sendAt.getTime())
  })

  test('until a time that has passed goes out at once', async () => {
    const sent = await send(world, bySms, person(bySms, 'silent'), { sendAt: '2026-01-01T00:00:00Z' })
    expect(sent).toMatchObject({ status: 200, body: { status: 'queued' } })
  })

  test('longer than it may is never sent', async () => {
    const to = person(bySms, 'ok')
    const expiresAt = new Date(Date.now() + 7_200_000).toISOString()
    const messageId = await schedule(world, bySms, to, { expiresAt })
    await world.database.query(`update messages set expires_at = now() - interval '1 second' where id = $1`, [
      messageId,
    ])
    await comes(world, messageId)
    await becomes(world, messageId, { status: 'failed', errorCode: 'expired' })
    expect(receivedBy(world, to)).toHaveLength(0)
  })
})

describe('a send of which nobody knows', () => {
  const lost = ways.flatMap((way) =>
    ['down', 'timeout', 'drop']
      // A mail server that turns us away at RCPT TO surely has nothing, whatever its reason.
      .filter((story) => way.provider !== 'smtp' || story !== 'down')
      .map((story) => ({ way, story, name: `${way.action} by ${way.provider}, ${story}` })),
  )

  test.each(lost)('$name: answers 202 unknown', async ({ way, story }) => {
    // Resend alone recognises a repeat by its key, so that alone is tried again by itself.
    const repeatable = way.provider === 'resend'
    const { status, body } = await send(world, way, person(way, story))
    expect(status).toBe(202)
    expect(body).toEqual({
      success: true,
      provider: way.provider,
      entityId: null,
      messageId: expect.stringMatching(uuid),
      status: 'unknown',
      preview: expect.stringContaining('peut-être envoyé (à vérifier) à'),
      warnings: [],
      ...(repeatable ? { nextAttemptAt: expect.stringMatching(moment) } : {}),
    })
    const { message } = await shown(world, body.messageId)
    expect(message.attempts).toBe(1)
    if (!repeatable) expect(message.nextAttemptAt).toBe(null)
  })

  test('is an ordinary one as soon as a webhook tells of it', async () => {
    const { body } = await send(world, bySms, person(bySms, 'drop'))
    expect(body.status).toBe('unknown')
    await world.settled()
    await becomes(world, body.messageId, { status: 'delivered', errorCode: null })
  })
})
