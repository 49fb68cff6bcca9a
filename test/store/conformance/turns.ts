import { expect, it } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { at, newMessage, reserve, reserving } from '#support/facts.ts'

export function turnSuite(current: () => TestStore): void {
  const gapMs = 18_000
  const now = (seconds: number) => ({ gapMs, inLine: false, now: at(seconds) })
  const mail = async (urgency = 2) => {
    const wanted = newMessage({ channel: 'email', urgency })
    await current().store.reserveMessage(wanted, reserving)
    return wanted.message.id
  }
  /** One that waits for its turn, as its attempt ended. */
  const waits = (id: string, until: Date, code = 'paced') =>
    current().query(
      `update messages set phase = 'queued', next_attempt_at = $2, error_code = $3 where id = $1`,
      [id, until, code],
    )
  const take = async (seconds: number, { urgency = 2, inLine = false } = {}) =>
    current().store.takeTurn(await mail(urgency), 'sendgrid', { ...now(seconds), inLine })

  it('of a provider that takes one at a time the next goes when the pause is over', async () => {
    expect(await take(0)).toEqual({ granted: true, waitMs: gapMs })
    expect(await take(10)).toEqual({ granted: false, waitMs: 8_000 })
    expect(await take(18)).toEqual({ granted: true, waitMs: gapMs })
  })

  it('two that ask at once do not both go, and are told one after another', async () => {
    const ids = await Promise.all([mail(), mail(), mail()])
    const answers = await Promise.all(ids.map((id) => current().store.takeTurn(id, 'sendgrid', now(0))))
    const told = answers.map(({ granted, waitMs }) => [granted, waitMs])
    expect(told.toSorted()).toEqual([
      [false, gapMs],
      [false, 2 * gapMs],
      [true, gapMs],
    ])
  })

  it('one that comes stands behind those who wait and are as urgent, and before those who are less', async () => {
    await take(0)
    for (const turn of [1, 2, 3]) await waits(await mail(), at(18 * turn))
    expect(await take(20)).toEqual({ granted: false, waitMs: 3 * gapMs })
    expect(await take(40, { urgency: 1 })).toEqual({ granted: true, waitMs: gapMs })
    expect(await take(60, { urgency: 3 })).toEqual({ granted: false, waitMs: 3 * gapMs })
  })

  it('one that waits for something else is not in the line until it is due', async () => {
    await waits(await mail(), at(600), '451')
    expect(await take(0)).toMatchObject({ granted: true })
    expect(await take(600)).toEqual({ granted: false, waitMs: gapMs })
    expect(await take(600, { inLine: true })).toMatchObject({ granted: true })
  })

  it('one in line that comes a little late does not make the next one late', async () => {
    await take(0)
    expect(await take(18.6, { inLine: true })).toEqual({ granted: true, waitMs: 17_400 })
    expect(await take(100, { inLine: true })).toEqual({ granted: true, waitMs: 17_000 })
    expect(await take(110, { inLine: true })).toEqual({ granted: false, waitMs: 7_000 })
  })

  it('the lines of two providers are two', async () => {
    const { store } = current()
    await take(0)
    expect(await store.takeTurn(await reserve(store), 'twilio', now(0))).toMatchObject({ granted: true })
  })
}
