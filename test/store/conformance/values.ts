import { expect, it } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { batchOf, event, messageOf, record, reserve, timeline } from '#support/facts.ts'

export function valueSuite(current: () => TestStore): void {
  it.each([
    ['an object', { nested: { list: [1, 'a', null, true, { deep: [] }] } }],
    ['an array', [1, 2, ['three']]],
    ['a string', 'plain "quoted" text'],
    ['a number', 12.5],
    ['a boolean', false],
  ])('raw comes back as it was told: %s', async (_what, raw) => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [event({ messageId, raw })])
    expect((await timeline(store, messageId)).events[0]?.raw).toEqual(raw)
  })

  it('what jsonb cannot hold is replaced, and kept exactly beside', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const raw = { text: 'a\u0000b', lone: '\ud800', emoji: '😀', literal: '\\u0000' }
    const reason = 'zero \u0000 and lone \udfff'
    await record(store, [event({ messageId, type: 'failed', raw, reason })])
    const { events, message } = await timeline(store, messageId)
    expect(events[0]?.raw).toEqual({ text: 'a\ufffdb', lone: '\ufffd', emoji: '😀', literal: '\\u0000' })
    expect(JSON.parse(String(events[0]?.raw_text))).toEqual(raw)
    expect(message.error_message).toBe('zero \ufffd and lone \ufffd')
  })

  it('a string of 5 MB is kept', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const raw = { text: 'x'.repeat(5 * 1_048_576) }
    await record(store, [event({ messageId, raw })])
    const [kept] = (await timeline(store, messageId)).events
    expect(JSON.stringify(kept?.raw).length).toBe(JSON.stringify(raw).length)
  })

  it('a value nested too deeply is quarantined, its neighbours are kept', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const raw: unknown = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`)
    const told = await record(store, [
      event({ messageId, type: 'sent' }),
      event({ raw }),
      event({ messageId }),
    ])
    expect(told).toMatchObject({ recorded: 2, quarantined: 1 })
    const [kept] = await store.listQuarantined({ limit: 10 })
    expect(JSON.parse(Buffer.from(String(kept?.bytes), 'base64').toString())).toEqual(raw)
  })

  it('quotes, backslashes and dollars in texts stay what they are', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    const reason = `it's "so" \\ $1 {a,b} -- ; é 日本`
    await record(store, [event({ messageId, type: 'failed', reason })])
    expect(await messageOf(store, messageId)).toMatchObject({ error_message: reason })
  })

  it('bytes in quarantine are kept once and come back as they were', async () => {
    const { store } = current()
    const bytes = Buffer.from([0, 255, 13, 10, 34])
    const item = { provider: 'sendgrid', bytes, reason: 'no JSON', requestId: 'r', receivedAt: new Date() }
    const batch = { ...batchOf([]), quarantined: [item, item] }
    expect(await store.recordEvents(batch)).toMatchObject({ quarantined: 1 })
    expect(await store.recordEvents(batch)).toMatchObject({ quarantined: 0 })
    const [kept, ...others] = await store.listQuarantined({ limit: 10 })
    expect(others).toEqual([])
    expect(Buffer.from(String(kept?.bytes), 'base64')).toEqual(bytes)
    expect(kept).toMatchObject({ provider: 'sendgrid', reason: 'no JSON', request_id: 'r' })
  })

  it('an empty batch is recorded as nothing', async () => {
    expect(await record(current().store, [])).toEqual({
      recorded: 0,
      repeated: 0,
      parked: 0,
      quarantined: 0,
    })
  })
}
