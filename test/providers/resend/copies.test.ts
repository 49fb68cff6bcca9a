import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { byResend, person, send, shown } from '#support/sends.ts'
import { fromResend, post } from '#support/signed.ts'
import { startWorld, type World } from '#support/world.ts'

/** Resend as an API that takes whatever it is given; what it tells is posted by the test. */
let world: World
let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
  world = await startWorld({ environment: api.environment })
})
afterAll(async () => {
  await world.stop()
  await api.away()
})

const copy = () => person(byResend, 'ok')

/** A mail with these copies, and what Resend then says of it. */
async function told(copies: object, ...events: { type: string; data?: object }[]) {
  const to = copy()
  const { status, body } = await send(world, byResend, to, copies)
  expect(status).toBe(200)
  const { tags } = JSON.parse(api.calls('resend').at(-1)?.body ?? '')
  for (const [index, { type, data }] of events.entries())
    expect(
      await post(
        world.url,
        fromResend({
          type,
          created_at: new Date(Date.now() + index).toISOString(),
          data: { email_id: body.entityId ?? randomUUID(), to: [to], tags: byName(tags), ...data },
        }),
      ),
    ).toMatchObject({ status: 200 })
  const timeline = await shown(world, body.messageId)
  return { to, body, ...timeline }
}

const byName = (tags: { name: string; value: string }[]) =>
  Object.fromEntries(tags.map(({ name, value }) => [name, value]))

const bounce = (diagnostic: string) => ({
  type: 'Permanent',
  subType: 'General',
  message: 'hard bounce',
  diagnosticCode: [diagnostic],
})

const last = ({ events }: { events: Record<string, unknown>[] }) => events.at(-1)
const suppressed = async (address: string) => (await send(world, byResend, address)).status === 422

describe('what Resend tells of a mail with copies', () => {
  test('is about a copy that its diagnostics name: the recipient stays as it was', async () => {
    const cc = copy()
    const found = await told(
      { cc: [cc] },
      // As it may list nobody else, and say nothing of the tag that we send.
      { type: 'email.delivered', data: { tags: undefined } },
      { type: 'email.bounced', data: { cc: [cc], bounce: bounce(`smtp; 550 5.1.1 <${cc}>: User unknown`) } },
    )
    expect(found.message).toMatchObject({ status: 'delivered', bouncedAt: null })
    expect(last(found)).toMatchObject({ type: 'bounced', bounceClass: 'hard', recipient: cc })
    expect([await suppressed(found.to), await suppressed(cc)]).toEqual([false, true])
  })

  test.each([
    ['nobody', '550 5.1.1 User unknown'],
    ['somebody else', '550 5.1.1 <info@elsewhere.example>: rejected'],
    ['several', 'both'],
  ])('is about nobody where they name %s', async (_whom, diagnostic) => {
    const cc = copy()
    const found = await told(
      { cc: [cc] },
      {
        type: 'email.bounced',
        data: { cc: [cc], bounce: bounce(diagnostic) },
      },
      { type: 'email.complained', data: { cc: [cc] } },
      { type: 'email.delivered', data: { cc: [cc] } },
    )
    expect(found.message).toMatchObject({
      status: 'sent',
      bouncedAt: null,
      complainedAt: null,
      deliveredAt: null,
    })
    for (const event of found.events.slice(1)) expect(event).toMatchObject({ recipient: null, consent: null })
    expect(found.events).toHaveLength(4)
    expect([await suppressed(found.to), await suppressed(cc)]).toEqual([false, false])
  })

  test('is about nobody where only our tag says that there are copies', async () => {
    const found = await told(
      { bcc: [copy()] },
      { type: 'email.bounced', data: { bounce: bounce('550 5.1.1') } },
    )
    expect(found.message.status).toBe('sent')
    expect(last(found)).toMatchObject({ type: 'bounced', recipient: null })
  })

  test('is about the recipient where they name it', async () => {
    const to = copy()
    const { body } = await send(world, byResend, to, { cc: [copy()] })
    const data = {
      email_id: body.entityId,
      to: [to],
      cc: [copy()],
      bounce: bounce(`<${to.toUpperCase()}>`),
    }
    await post(world.url, fromResend({ type: 'email.bounced', created_at: new Date().toISOString(), data }))
    expect((await shown(world, body.messageId)).message.status).toBe('bounced')
    expect(await suppressed(to)).toBe(true)
  })

  const stranger = 'stranger@elsewhere.example'
  const ours = 'collegue@example.com'
  const userUnknown = (address: string) => `smtp; 550 5.1.1 <${address}>: User unknown`
  const silenced = ({ events }: { events: Record<string, unknown>[] }) =>
    last({ events })?.consent === 'withdrawn'

  test.each<[string, object, boolean]>([
    ['where a copy is of another domain', { cc: [stranger] }, false],
    ['where a hidden copy is', { cc: [ours], bcc: [stranger] }, false],
    ['where all copies are ours', { cc: [ours] }, true],
    ['where they are ours or of its own domain', { cc: [ours, copy()], bcc: [copy()] }, true],
  ])('is about the recipient whom they name, who is silenced %s: %o, %s', async (_where, copies, dead) => {
    const to = copy()
    const { body } = await send(world, byResend, to, copies)
    const { from, tags } = JSON.parse(api.calls('resend').at(-1)?.body ?? '')
    const data = {
      email_id: body.entityId,
      from,
      to: [to],
      tags: byName(tags),
      bounce: bounce(userUnknown(to)),
    }
    await post(world.url, fromResend({ type: 'email.bounced', created_at: new Date().toISOString(), data }))
    const found = await shown(world, body.messageId)
    expect(found.message).toMatchObject({ status: 'bounced', bounceClass: 'hard' })
    expect(last(found)).toMatchObject({ type: 'bounced', recipient: to })
    expect(silenced(found)).toBe(dead)
    expect(await suppressed(to)).toBe(dead)
  })

  test('silences no colleague on a stranger’s word', async () => {
    const found = await told(
      { cc: [ours] },
      { type: 'email.bounced', data: { bounce: bounce(userUnknown(ours)), cc: [ours] } },
    )
    expect(found.message.status).toBe('sent')
    expect(last(found)).toMatchObject({ type: 'bounced', recipient: ours })
    expect([await suppressed(found.to), await suppressed(ours)]).toEqual([false, false])
  })

  test('believes those whom it lists, where our tag is lost', async () => {
    const lost = { tags: undefined, cc: [stranger] }
    const of = (to: string) => ({ type: 'email.bounced', data: { ...lost, bounce: bounce(userUnknown(to)) } })
    const found = await told({ cc: [stranger] }, of(stranger))
    expect(last(found)).toMatchObject({ recipient: stranger, bounceClass: 'hard' })
    expect([await suppressed(found.to), await suppressed(stranger)]).toEqual([false, false])
  })

  test.each(['x', '@', 'a@'])('reads two million of %j at once', async (piece) => {
    const started = performance.now()
    const found = await told(
      { cc: [copy()] },
      { type: 'email.bounced', data: { bounce: bounce(piece.repeat(2_000_000 / piece.length)) } },
    )
    expect(last(found)).toMatchObject({ type: 'bounced', recipient: null })
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  test('is announced to whoever sends one, and to nobody else', async () => {
    expect((await told({ cc: [copy()] })).body.warnings).toEqual(['events_of_copies_unknown'])
    expect((await told({}, { type: 'email.delivered' })).message).toMatchObject({
      status: 'delivered',
      warnings: [],
    })
  })
})
