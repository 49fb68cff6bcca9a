import { expect, it } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { accepted, at, event, newMessage, record, reserve, reserving } from '#support/facts.ts'

const minute = 60

export function providerStateSuite(current: () => TestStore): void {
  const said = (word: string, seconds: number) =>
    event({
      type: 'unknown',
      providerState: { state: word, open: word === 'authorized' },
      occurredAt: at(seconds),
    })
  const states = async (...events: ReturnType<typeof said>[]) =>
    (await record(current().store, events)).states?.map(({ state, open, was_open: was }) => [
      state,
      open,
      was,
    ])

  const due = (seconds: number) =>
    current().store.claimStaleQueue({
      provider: 'twilio',
      staleSeconds: 10 * minute,
      pauseSeconds: 5 * minute,
      now: at(seconds),
    })

  /** A message that the provider has accepted, and told nothing of. */
  async function waiting(fields: Parameters<typeof reserve>[1] = {}): Promise<string> {
    const id = await reserve(current().store, fields)
    await record(current().store, [], [accepted(id, id, { checkAt: at(900) })])
    return id
  }

  it('a change is answered once, to whoever told it first', async () => {
    expect(await states(said('authorized', 10))).toBeUndefined()
    expect(await states(said('starting', 20))).toEqual([['starting', false, true]])
    expect(await states(said('starting', 20))).toBeUndefined()
    expect(await states(said('authorized', 15))).toBeUndefined()
    expect(await states(said('blocked', 30))).toEqual([['blocked', false, false]])
    expect(await states(said('authorized', 40))).toEqual([['authorized', true, false]])
    expect(await states(said('authorized', 50))).toBeUndefined()
  })

  it('of what was told of one second, the last in its batch counts', async () => {
    expect(await states(said('authorized', 10), said('starting', 10))).toEqual([['starting', false, true]])
    expect(await states(said('blocked', 10), said('authorized', 10))).toEqual([['authorized', true, false]])
  })

  it('the queue of a provider that has taken nothing for ten minutes is due, once in five minutes', async () => {
    await waiting()
    expect(await due(20 * minute)).toBe(false)
    await record(current().store, [said('starting', 0)])
    await record(current().store, [said('notAuthorized', 9 * minute)])
    expect(await due(10 * minute - 1)).toBe(false)
    expect(await due(10 * minute)).toBe(true)
    expect(await due(15 * minute - 1)).toBe(false)
    expect(await due(15 * minute)).toBe(true)
    await record(current().store, [said('authorized', 16 * minute)])
    expect(await due(40 * minute)).toBe(false)
    await record(current().store, [said('notAuthorized', 17 * minute)])
    expect(await due(26 * minute)).toBe(false)
    expect(await due(27 * minute)).toBe(true)
  })

  it('it is due at once where the time of something in it has passed', async () => {
    await waiting({ expiresAt: at(60) })
    expect(await due(61)).toBe(false)
    await record(current().store, [said('notAuthorized', 30)])
    expect(await due(59)).toBe(false)
    expect(await due(60)).toBe(true)
  })

  it('it is not due where nothing of ours waits there, nor while a send of ours is under way', async () => {
    const { store } = current()
    await record(store, [said('notAuthorized', 0)])
    expect(await due(20 * minute)).toBe(false)
    const sent = await waiting()
    await record(store, [event({ type: 'sent', messageId: sent })])
    expect(await due(20 * minute)).toBe(false)
    await waiting()
    await store.reserveMessage(newMessage({ provider: 'greenapi' }), reserving)
    const underWay = await reserve(store)
    expect(await due(20 * minute)).toBe(false)
    await record(store, [], [accepted(underWay, 'SM1')])
    expect(await due(20 * minute)).toBe(true)
  })

  it('of several processes one has it', async () => {
    await waiting()
    await record(current().store, [said('notAuthorized', 0)])
    const all = await Promise.all([1, 2, 3, 4].map(() => due(20 * minute)))
    expect(all.filter(Boolean)).toHaveLength(1)
  })
}
