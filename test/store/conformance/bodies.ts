import { expect, it } from 'vitest'
import { z } from 'zod'
import { keysKeptForMs, payloadsKeptForMs } from '#src/patience.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, messageOf, newMessage, record, reserve, reserving, timeline } from '#support/facts.ts'

const html = '<p>Bonjour</p>'
const text = 'Bonjour'

const reached = z.object({ reached: z.string().nullable() })

/** What is kept of what was to be sent: once, in no list, and not for ever. */
export function bodySuite(current: () => TestStore): void {
  const email = (content: { html?: string; text?: string }) => {
    const wanted = newMessage({ channel: 'email' })
    const { text: _none, ...message } = { text, ...wanted.message }
    return {
      ...wanted,
      message: { ...message, channel: 'email' as const, subject: 's', ...content } as typeof wanted.message,
    }
  }

  it.each([
    ['of HTML', email({ html })],
    ['of both', email({ html, text })],
  ])(
    'what is to be sent is as it was asked for, and its HTML is kept once: an email %s',
    async (_what, wanted) => {
      const { store, query } = current()
      await store.reserveMessage(wanted, reserving)
      expect(await store.outgoing(wanted.message.id)).toEqual(wanted.message)
      const kept = await query(
        'select to_jsonb(m) as row, p.payload from messages m join message_payloads p on p.message_id = m.id',
      )
      expect(JSON.stringify(kept).split(html)).toHaveLength(2)
    },
  )

  it('an email that is HTML alone is shown with it, and as long as it is kept', async () => {
    const { store, query } = current()
    const { message } = email({ html })
    await store.reserveMessage({ ...newMessage({ channel: 'email' }), message }, reserving)
    expect((await messageOf(store, message.id)).text).toBe(html)
    await query('delete from message_payloads')
    expect((await messageOf(store, message.id)).text).toBeNull()
    expect(await store.outgoingIfKept(message.id)).toBeUndefined()
  })

  it('a list shows everything of a message, but of an email no text', async () => {
    const { store, query } = current()
    const sms = await reserve(store)
    const { message } = email({ text })
    await store.reserveMessage({ ...newMessage({ channel: 'email' }), message }, reserving)
    await query(`update messages set phase = 'dead', failed_at = now()`)
    const shown = [await messageOf(store, sms), await messageOf(store, message.id)]
    expect(shown.map((one) => one.text)).toEqual(['Hi', text])
    const listed = shown.map((one) => (one.channel === 'email' ? { ...one, text: null } : one))
    for (const list of [await store.listMessages({ limit: 2 }), await store.listDeadLetters({ limit: 2 })])
      expect(list.toSorted((left) => (left.channel === 'email' ? 1 : -1))).toEqual(listed)
  })

  it('what was to be sent is gone when its message has ended and its time is over, and the row stays', async () => {
    const { store, query } = current()
    const ids = [await reserve(store), await reserve(store), await reserve(store), await reserve(store)]
    const [ended = '', young = '', due = '', unknown = ''] = ids
    await record(
      store,
      [],
      [ended, young, due].map((id) => accepted(id, `SM${id}`)),
    )
    await query('update messages set next_attempt_at = now() where id = $1', [due])
    const old = new Date(Date.now() - payloadsKeptForMs - 60_000)
    await query('update messages set updated_at = $1 where id <> $2', [old, young])
    await query(`update messages set phase = 'unknown' where id = $1`, [unknown])
    expect(await store.purgePayloads(undefined)).toEqual({ purged: 1, reached: undefined })
    expect(await query('select message_id from message_payloads order by message_id')).toEqual(
      [young, due, unknown].toSorted().map((message_id) => ({ message_id })),
    )
    expect((await timeline(store, ended)).message.text).toBe('Hi')
  })

  it('all of them are gone through, however many there are', async () => {
    const { query } = current()
    for (let count = 0; count < 5; count++) await reserve(current().store)
    const places: unknown[] = []
    let after: string | null = null
    do {
      const [row] = await query('select purge_payloads(0, $1, 2) as told', [after])
      after = reached.parse(row?.told).reached
      places.push(after)
    } while (after !== null)
    expect(places).toHaveLength(3)
  })

  it('a key is gone when it makes no repeat any more', async () => {
    const { store, query } = current()
    const idempotency = (key: string) => ({ key, requestHash: 'h' })
    const old = new Date(Date.now() - keysKeptForMs - 60_000)
    await store.reserveMessage(newMessage(), { ...reserving, idempotency: idempotency('old'), now: old })
    await store.reserveMessage(newMessage(), {
      ...reserving,
      idempotency: idempotency('new'),
      now: new Date(),
    })
    expect(await store.purgeKeys(undefined)).toEqual({ purged: 1, reached: undefined })
    expect(await query('select key from idempotency_keys')).toEqual([{ key: 'new' }])
    expect(await store.purgeKeys({ tenant_id: 'acme', key: 'a' })).toEqual({ purged: 0, reached: undefined })
  })
}
