import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Alias } from '#src/model/event.ts'
import { batchRows } from '#src/store/rows.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, at, customer, event, newMessage, record, reserve, reserving } from '#support/facts.ts'

const lid = '123456789012345@lid'
const ours = '+33700000000'

export function aliasSuite(current: () => TestStore): void {
  const wrote = (seconds: number, fields: Partial<Parameters<typeof event>[0]> = {}) =>
    event({
      type: 'received',
      occurredAt: at(seconds),
      providerMessageId: randomUUID(),
      inbound: { sender: lid, recipient: ours, text: 'Oui' },
      ...fields,
    })

  const receipt = (providerMessageId: string, alias: Alias | undefined = { name: lid }) =>
    event({ providerMessageId, alias })

  async function sentTo(address: string, providerMessageId: string): Promise<string> {
    const id = await reserve(current().store, { to: address })
    await record(current().store, [], [accepted(id, providerMessageId)])
    return id
  }

  const senders = async () =>
    (
      await current().query(
        `select sender, tenant_id from messages where direction = 'inbound' order by created_at`,
      )
    ).map(({ sender, tenant_id: tenant }) => [sender, tenant])

  const suppressed = async () =>
    (await current().store.reserveMessage(newMessage(), reserving)).circumstances?.suppressed

  it('a person whose alias is not known stays who the provider says', async () => {
    await record(current().store, [wrote(20)])
    expect(await senders()).toEqual([[lid, null]])
  })

  it('a receipt of our message teaches whose its alias is, and tells of that address itself', async () => {
    const { store } = current()
    const id = await sentTo(customer, 'A')
    await record(store, [receipt('A')])
    expect((await store.getMessage(id, undefined, false))?.message.status).toBe('delivered')
    expect((await store.getMessage(id, undefined, false))?.events[0]).toMatchObject({ recipient: customer })
    await record(store, [wrote(20)])
    expect(await senders()).toEqual([[customer, 'acme']])
  })

  it('a receipt of nobody’s message teaches nothing; one of a known alias tells the address', async () => {
    const { store, query } = current()
    const recipients = () => query('select recipient from message_events order by id')
    await record(store, [receipt('B')])
    await sentTo(customer, 'A')
    await record(store, [receipt('A'), receipt('C')])
    await record(store, [receipt('D')])
    expect(await recipients()).toEqual(
      [null, customer, customer, customer].map((recipient) => ({ recipient })),
    )
  })

  it('an event that tells both teaches it, whatever the order within its batch', async () => {
    const both = wrote(10, {
      alias: { name: lid, address: customer },
      inbound: { sender: customer, recipient: ours, text: 'Oui' },
    })
    await record(current().store, [wrote(20), both])
    expect(await senders()).toEqual([
      [customer, null],
      [customer, null],
    ])
  })

  it('what was written under an alias before it was known is of its address from then on', async () => {
    await record(current().store, [wrote(10)])
    await sentTo(customer, 'A')
    await record(current().store, [receipt('A')])
    expect(await senders()).toEqual([[customer, 'acme']])
  })

  it('consent that was withdrawn under an alias counts for its address, unless it was given there later', async () => {
    const { store, query } = current()
    await record(store, [wrote(10, { consent: 'withdrawn' })])
    await sentTo(customer, 'A')
    expect(await suppressed()).toBeUndefined()
    await record(store, [receipt('A')])
    expect(await suppressed()).toBe('received')

    await query('delete from contact_aliases')
    await record(store, [
      wrote(20, { consent: 'given', inbound: { sender: customer, recipient: ours, text: 'START' } }),
    ])
    await record(store, [receipt('A')])
    expect(await suppressed()).toBeUndefined()
  })

  it('an alias belongs to one provider, and to the address that was told last', async () => {
    const { store } = current()
    await record(store, [
      { ...receipt('A', { name: lid, address: customer }), occurredAt: at(20) },
      { ...receipt('A', { name: lid, address: '+33600000009' }), occurredAt: at(10) },
    ])
    await record(store, [receipt('A', { name: lid, address: '+33600000008' })])
    await record(store, [{ ...wrote(30), provider: 'greenapi' }, wrote(40)])
    expect(await senders()).toEqual([
      [lid, null],
      [customer, null],
    ])
  })

  it('an address that was told again outranks another one that was told between', async () => {
    const { store } = current()
    const told = (seconds: number, address: string) => ({
      ...receipt('A', { name: lid, address }),
      occurredAt: at(seconds),
    })
    await record(store, [told(10, customer)])
    await record(store, [told(30, customer)])
    await record(store, [told(20, '+33600000009')])
    await record(store, [wrote(40)])
    expect(await senders()).toEqual([[customer, null]])
  })

  it('replay reads a sender by alias as the address that it is known to be', async () => {
    const { store, query } = current()
    const told = wrote(10)
    await record(store, [told])
    await query('insert into contact_aliases values ($1, $2, $3, now())', ['twilio', lid, customer])
    const { events } = batchRows({ events: [{ event: told, requestId: undefined }] })
    await store.rewriteEvents(events, { dryRun: false })
    expect(await senders()).toEqual([[customer, null]])
    expect((await store.rewriteEvents(events, { dryRun: false })).changed).toEqual([])
  })
}
