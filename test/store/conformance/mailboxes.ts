import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { reserve } from '#support/facts.ts'

export function mailboxSuite(current: () => TestStore): void {
  const name = () => `imap.example ${randomUUID()}`

  it('one process at a time has a mailbox, and goes on where another came to', async () => {
    const { store } = current()
    const mailbox = name()
    expect(await store.holdMailbox(mailbox, 'one')).toEqual({ held: true, place: undefined })
    expect(await store.holdMailbox(mailbox, 'two')).toEqual({ held: false })
    expect(await store.keepMailbox(mailbox, 'one', { uidValidity: 7, lastUid: 41 })).toBe(true)
    expect(await store.keepMailbox(mailbox, 'two', { uidValidity: 7, lastUid: 99 })).toBe(false)
    await store.leaveMailbox(mailbox, 'two')
    expect(await store.holdMailbox(mailbox, 'two')).toEqual({ held: false })
    await store.leaveMailbox(mailbox, 'one')
    expect(await store.holdMailbox(mailbox, 'two')).toEqual({
      held: true,
      place: { uidValidity: 7, lastUid: 41 },
    })
    expect(await store.keepMailbox(mailbox, 'one', { uidValidity: 7, lastUid: 12 })).toBe(false)
  })

  it('a process that is gone loses its mailbox after a while', async () => {
    const { store, query } = current()
    const mailbox = name()
    await store.holdMailbox(mailbox, 'one')
    await query(
      `update mailboxes set leased_until = now() - interval '1 second' where mailbox = '${mailbox}'`,
    )
    expect(await store.holdMailbox(mailbox, 'two')).toMatchObject({ held: true })
    expect(await store.holdMailbox(mailbox, 'one')).toEqual({ held: false })
  })

  it('another mailbox is another one’s to read', async () => {
    const { store } = current()
    await store.holdMailbox(name(), 'one')
    expect(await store.holdMailbox(name(), 'two')).toMatchObject({ held: true })
  })

  it('whom a mail went to is its recipient and its copies; nobody, where it is not a mail of ours', async () => {
    const { store } = current()
    const email = await reserve(store, {
      channel: 'email',
      to: 'zoe@customer.example',
      cc: ['Carl@customer.example'],
      bcc: ['bea@customer.example'],
    })
    const sent = await store.mailSentTo(email)
    expect(sent?.recipient).toBe('zoe@customer.example')
    expect([...(sent?.copies ?? [])].toSorted()).toEqual(['bea@customer.example', 'carl@customer.example'])
    expect(await store.mailSentTo(await reserve(store, {}))).toBeUndefined()
    expect(await store.mailSentTo(randomUUID())).toBeUndefined()
  })
}
