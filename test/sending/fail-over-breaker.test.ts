import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { anotherServer } from '#support/another-server.ts'
import { becomes, comes, logged, send, shown } from '#support/sends.ts'
import { type Failing, goingBy, pairs, pairsBack, sendOn, someone, startFailing, wayOf } from './fail-over.ts'

const second = 1_000

let failing: Failing
beforeAll(async () => {
  failing = await startFailing(pairs)
})
afterAll(() => failing.stop())
beforeEach(async () => {
  // What one test leaves waiting waits for longer than the next ones take: it would be one more proof.
  failing.pass(3_600 * second)
  await failing.healed()
})

describe.each(pairs)('$first, then $other ($action)', (pair) => {
  const { first, other } = pair
  const warning = `failed_over_from_${first}`

  /** The first one proves three times that it takes nothing. */
  async function opened(): Promise<void> {
    failing.api.replies.set(first, { status: 429 })
    const before = logged(failing.world, 'breaker_opened').length
    for (let proofs = 0; proofs < 3; proofs++) await goes()
    expect(logged(failing.world, 'breaker_opened').slice(before)).toMatchObject([{ provider: first }])
  }

  /** Sends one, and says to whom it was given. */
  async function goes() {
    const to = someone(pair)
    const { status, body } = await sendOn(failing.world, pair, to)
    expect({ status, body }).toMatchObject({ status: 200, body: { entityId: expect.anything() } })
    return { body, given: [failing.given(first, to), failing.given(other, to)] }
  }

  async function scheduled(): Promise<{ to: string; messageId: string }> {
    const to = someone(pair)
    const sendAt = new Date(failing.now().getTime() + 3_600 * second).toISOString()
    const { body } = await sendOn(failing.world, pair, to, { sendAt })
    expect(body).toMatchObject({ status: 'scheduled', provider: first })
    return { to, messageId: body.messageId }
  }

  /** They come due, and half a minute passes, at one moment: no claim sees them while the first one is not to be asked. */
  async function comeWithTheProbe(...messageIds: string[]): Promise<void> {
    const claims = vi.spyOn(failing.world.server.store, 'claimDue').mockResolvedValue([])
    await vi.waitFor(() => expect(claims).toHaveBeenCalled(), { timeout: 10_000, interval: 5 })
    await comes(failing.world, ...messageIds)
    failing.pass(30 * second)
    claims.mockRestore()
  }

  test('after three proofs in a row what is sent goes straight to the other one, and says so', async () => {
    await opened()
    const before = await failovers()
    const { body, given } = await goes()
    expect(given).toEqual([0, 1])
    expect(body).toMatchObject({ provider: other, warnings: expect.arrayContaining([warning]) })
    const { message, attempts } = await shown(failing.world, body.messageId)
    expect(message).toMatchObject({ provider: other, attempts: 1, warnings: body.warnings })
    expect(attempts).toMatchObject([{ provider: other, outcome: 'accepted' }])
    expect(logged(failing.world, 'failed_over').at(-1)).toMatchObject({
      messageId: body.messageId,
      provider: other,
      insteadOf: first,
      code: 'breaker_open',
    })
    expect(await failovers()).toBe(before + 1)
  })

  test('so does what comes due; a send that names its provider, and one for later, do not', async () => {
    const { to, messageId } = await scheduled()
    await opened()
    await scheduled()
    // What it asked for with its "too many" is over.
    failing.pass(2 * second)
    const named = someone(pair)
    const answer = await send(failing.world, wayOf(pair), named)
    expect(answer.body).toMatchObject({ status: 'queued', provider: first })
    expect([failing.given(first, named), failing.given(other, named)]).toEqual([1, 0])
    await comes(failing.world, messageId)
    const { message, attempts } = await becomes(failing.world, messageId, {
      providerMessageId: expect.anything(),
    })
    expect(message).toMatchObject({ provider: other, attempts: 1 })
    expect(message.warnings).toContain(warning)
    expect(attempts).toMatchObject([{ provider: other }])
    expect([failing.given(first, to), failing.given(other, to)]).toEqual([0, 1])
  })

  test('after half a minute one message is let through, and its success lets all through', async () => {
    await opened()
    failing.pass(30 * second)
    failing.api.replies.clear()
    expect((await goes()).given).toEqual([1, 0])
    expect(logged(failing.world, 'breaker_closed').at(-1)).toMatchObject({ provider: first })
    expect((await goes()).given).toEqual([1, 0])
  })

  test('a probe that is not taken goes to the other one, and the next is a minute later', async () => {
    await opened()
    failing.pass(30 * second)
    expect((await goes()).given).toEqual([1, 1])
    failing.pass(40 * second)
    expect((await goes()).given).toEqual([0, 1])
    failing.pass(20 * second)
    expect((await goes()).given).toEqual([1, 1])
  })

  test('of what comes due together one is the probe, and the others go to the other one', async () => {
    const due = [await scheduled(), await scheduled(), await scheduled()]
    await opened()
    await comeWithTheProbe(...due.map(({ messageId }) => messageId))
    for (const { messageId } of due)
      await becomes(failing.world, messageId, { provider: other, providerMessageId: expect.anything() })
    const given = due.map(({ to }) => [failing.given(first, to), failing.given(other, to)])
    expect(given.toSorted()).toEqual([
      [0, 1],
      [0, 1],
      [1, 1],
    ])
  })

  test('where the other one is not better, nothing is diverted: both are tried', async () => {
    failing.api.replies.set(first, { status: 429 })
    failing.api.replies.set(other, { status: 429 })
    const tries = Array.from({ length: 5 }, () => someone(pair))
    for (const to of tries)
      expect((await sendOn(failing.world, pair, to)).body).toMatchObject({
        status: 'queued',
        provider: first,
      })
    expect(tries.map((to) => [failing.given(first, to), failing.given(other, to)])).toEqual(
      Array(5).fill([1, 1]),
    )
  })

  test('what the other one does not take after all waits for the first', async () => {
    await opened()
    failing.api.replies.set(other, { status: 429 })
    const to = someone(pair)
    const { body } = await sendOn(failing.world, pair, to)
    expect(body).toMatchObject({ status: 'queued', provider: first })
    expect((await shown(failing.world, body.messageId)).message).toMatchObject({
      provider: first,
      attempts: 1,
    })
    expect([failing.given(first, to), failing.given(other, to)]).toEqual([0, 1])
    failing.api.replies.clear()
    await comeWithTheProbe(body.messageId)
    const { message } = await becomes(failing.world, body.messageId, { providerMessageId: expect.anything() })
    expect(message).toMatchObject({ provider: first })
    expect(message.warnings).not.toContain(warning)
  })

  test('two servers on one database give each message to one of the two providers once', async () => {
    const { world, api, now } = failing
    const due = await Promise.all(Array.from({ length: 12 }, scheduled))
    const environment = { ...api.environment, ...goingBy(pairs) }
    const another = await anotherServer(world, { environment, now })
    onTestFinished(() => another.stop())
    api.replies.set(first, { status: 429 })
    await comes(world, ...due.map(({ messageId }) => messageId))
    for (const { messageId } of due)
      await becomes(world, messageId, { provider: other, providerMessageId: expect.anything() })
    for (const { to } of due) {
      expect(failing.given(other, to)).toBe(1)
      expect(failing.given(first, to)).toBeLessThanOrEqual(1)
    }
  })

  async function failovers(): Promise<number> {
    const text = await (await fetch(`${failing.world.url}/metrics`)).text()
    const line = text.match(new RegExp(`comms_failovers_total{from="${first}",to="${other}"} (\\d+)`))
    return Number(line?.[1])
  }
})

test('what goes straight to the other one, the first having said that it takes nothing for a while, says so', async () => {
  const [pair] = pairsBack
  const stopped = await startFailing([pair])
  onTestFinished(() => stopped.stop())
  stopped.api.replies.set('greenapi', { status: 466, body: { message: 'Monthly quota has been exceeded' } })
  await sendOn(stopped.world, pair, someone(pair))
  const to = someone(pair)
  const { body } = await sendOn(stopped.world, pair, to)
  expect(body).toMatchObject({
    provider: 'twilio',
    warnings: expect.arrayContaining(['failed_over_from_greenapi']),
  })
  const { message, attempts } = await shown(stopped.world, body.messageId)
  expect(message).toMatchObject({ provider: 'twilio', warnings: expect.arrayContaining(body.warnings) })
  expect(attempts).toMatchObject([{ provider: 'twilio', outcome: 'accepted' }])
  expect(stopped.given('greenapi', to)).toBe(0)
})
