import { expect, it } from 'vitest'
import type { Consent } from '#src/model/consent.ts'
import type { TestStore } from '#support/database.ts'
import {
  accepted,
  address,
  at,
  customer,
  event,
  newMessage,
  record,
  reserve,
  reserving,
} from '#support/facts.ts'
import { emptied } from '#support/stores.ts'

const claiming = { owner: 'worker', leaseSeconds: 60, repeatSeconds: 3_600, limit: 10 }

export function circumstanceSuite(current: () => TestStore): void {
  const circumstances = async (fields: Parameters<typeof newMessage>[0] = {}) =>
    (await current().store.reserveMessage(newMessage(fields), reserving)).circumstances

  const said = (consent: Consent, seconds: number, receivedSeconds = seconds) =>
    event({
      type: 'received',
      consent,
      occurredAt: at(seconds),
      receivedAt: at(receivedSeconds),
      inbound: { sender: customer, recipient: '+33700000000', text: consent },
    })

  it('nothing speaks against a first message', async () => {
    expect(await circumstances()).toEqual({
      suppressed: undefined,
      suppressedCopies: [],
      heardForMs: undefined,
      stopped: undefined,
    })
  })

  const dead = (seconds: number) =>
    event({
      type: 'failed',
      code: '63024',
      bounceClass: 'hard',
      consent: 'withdrawn',
      recipient: customer,
      occurredAt: at(seconds),
      receivedAt: at(seconds),
    })
  const wrote = (seconds: number, consent?: Consent) =>
    event({
      type: 'received',
      consent,
      occurredAt: at(seconds),
      receivedAt: at(seconds),
      inbound: { sender: customer, recipient: '+33700000000', text: 'Bonjour' },
    })

  it.each([
    ['writes later', [dead(1), wrote(2)], false],
    ['wrote before', [wrote(1), dead(2)], true],
    ['writes later, after a STOP', [wrote(0, 'withdrawn'), dead(1), wrote(2)], true],
    ['is dead again', [dead(1), wrote(2), dead(3)], true],
    ['writes START', [dead(1), wrote(2, 'given')], false],
  ])('a dead address whose person %s, in whatever order it is told', async (_what, told, expected) => {
    for (const events of ordersOf(told)) {
      await emptied(current())
      for (const one of events) await record(current().store, [one])
      expect((await circumstances())?.suppressed !== undefined).toBe(expected)
    }
  })

  it('those of an email’s copies are known who are not to be written to, whenever it is begun', async () => {
    const { store } = current()
    const [gone, left] = ['gone@example.com', 'left@example.com']
    for (const recipient of [gone, left, 'nobody@example.com'])
      await record(store, [
        event({
          provider: 'sendgrid',
          channel: 'email',
          type: 'complained',
          recipient,
          consent: 'withdrawn',
        }),
      ])
    const copied = (fields: Parameters<typeof newMessage>[0] = {}) =>
      newMessage({
        channel: 'email',
        cc: ['Gone@Example.com', address],
        bcc: [left, gone, 'else@example.com'],
        ...fields,
      })
    const suppressed = { suppressed: undefined, suppressedCopies: [gone, left] }
    const [first, later] = [copied({ fallback: 'resend' }), copied({ sendAt: at(60) })]
    expect((await store.reserveMessage(first, reserving)).circumstances).toMatchObject(suppressed)
    expect((await store.reserveMessage(later, reserving)).circumstances).toMatchObject(suppressed)
    const proof = {
      messageId: first.message.id,
      attempt: 1,
      outcome: 'retryable',
      provider: 'sendgrid',
    } as const
    expect(await store.failOver(proof, { owner: reserving.owner, leaseSeconds: 60 })).toMatchObject(
      suppressed,
    )
    await record(store, [
      event({
        provider: 'sendgrid',
        channel: 'email',
        type: 'subscribed',
        recipient: left,
        consent: 'given',
        occurredAt: at(30),
      }),
    ])
    expect(await store.claimDue({ ...claiming, now: at(120) })).toMatchObject([
      { id: later.message.id, circumstances: { suppressedCopies: [gone] } },
    ])
  })

  it.each([
    ['withdrawn, then given', [10, 20], undefined],
    ['given, then withdrawn', [20, 10], 'received'],
  ] as const)(
    'consent that was %s is what was said last, in whatever order it was told',
    async (_name, [withdrawnAt, givenAt], suppressed) => {
      const { store } = current()
      for (const told of [
        [said('withdrawn', withdrawnAt), said('given', givenAt)],
        [said('given', givenAt), said('withdrawn', withdrawnAt)],
      ])
        for (const one of told) await record(store, [one])
      await record(store, [said('withdrawn', withdrawnAt), said('given', givenAt)])
      expect((await circumstances())?.suppressed).toBe(suppressed)
    },
  )

  it.each([
    ['at the same moment', said('withdrawn', 10), said('given', 10), 'received'],
    // Most providers' clocks show whole seconds: which of the two came first nobody knows.
    [
      'in one second, by a clock of whole seconds',
      said('withdrawn', 10, 12),
      said('given', 10.4),
      'received',
    ],
    [
      'in one second, withdrawn at its end for all that is known',
      said('withdrawn', 10, 12),
      said('given', 10.998),
      'received',
    ],
    ['in the second after it', said('withdrawn', 10, 12), said('given', 11), undefined],
    ['after the withdrawal was heard of', said('withdrawn', 10, 10.3), said('given', 10.4), undefined],
    ['later by a clock that shows more', said('withdrawn', 10.2, 12), said('given', 10.4), undefined],
  ] as const)(
    'consent that was withdrawn and given %s: in doubt the withdrawal counts',
    async (_name, withdrawn, given, suppressed) => {
      for (const told of [[[withdrawn], [given]], [[given], [withdrawn]], [[given, withdrawn]]]) {
        await emptied(current())
        for (const batch of told) await record(current().store, batch)
        expect((await circumstances())?.suppressed).toBe(suppressed)
      }
    },
  )

  it.each([
    ['START before a STOP lifts nothing', said('given', 300, 10), said('withdrawn', 60), 'received'],
    ['STOP before a START is lifted', said('withdrawn', 300, 10), said('given', 60), undefined],
  ] as const)(
    'what a clock says that is ahead counts as said when it was received: a %s',
    async (_name, ahead, later, suppressed) => {
      for (const told of [[[ahead], [later]], [[later], [ahead]], [[ahead, later]]]) {
        await emptied(current())
        for (const batch of told) await record(current().store, batch)
        expect((await circumstances())?.suppressed).toBe(suppressed)
      }
    },
  )

  it('consent is withdrawn for one channel and one address', async () => {
    await record(current().store, [said('withdrawn', 10)])
    expect((await circumstances())?.suppressed).toBe('received')
    expect((await circumstances({ channel: 'sms' }))?.suppressed).toBeUndefined()
    expect((await circumstances({ to: '+33600000002' }))?.suppressed).toBeUndefined()
  })

  it('a receipt withdraws it for the recipient, with its code as the reason; a later claim knows', async () => {
    const { store } = current()
    const messageId = await reserve(store, { channel: 'sms' })
    await record(store, [
      event({
        messageId,
        channel: 'sms',
        type: 'failed',
        code: '21610',
        recipient: customer,
        consent: 'withdrawn',
      }),
    ])
    expect((await circumstances({ channel: 'sms' }))?.suppressed).toBe('21610')
    await store.reserveMessage(newMessage({ channel: 'sms', sendAt: at(60) }), reserving)
    const [due] = await store.claimDue({ ...claiming, now: at(120) })
    expect(due?.circumstances).toMatchObject({ suppressed: '21610' })
  })

  it('when a person was last heard of by WhatsApp is known, by the same provider only', async () => {
    const { store } = current()
    const wrote = (seconds: number) =>
      event({
        type: 'received',
        occurredAt: at(seconds),
        inbound: { sender: customer, recipient: '+33700000000', text: 'Bonjour' },
      })
    await record(store, [wrote(20), wrote(10)])
    const ago = Number((await circumstances())?.heardForMs)
    expect(Math.abs(Date.now() - ago - +at(20))).toBeLessThan(60_000)
    expect((await circumstances({ provider: 'greenapi' }))?.heardForMs).toBeUndefined()
    expect((await circumstances({ channel: 'sms' }))?.heardForMs).toBeUndefined()
  })

  it('a provider that takes nothing keeps its messages waiting until it does again, but for those that expire', async () => {
    const { store } = current()
    const state = (open: boolean, seconds: number) =>
      event({
        type: 'unknown',
        providerState: { state: open ? 'authorized' : 'notAuthorized', open },
        occurredAt: at(seconds),
      })
    const waiting = newMessage({ sendAt: at(60) })
    const expiring = newMessage({ sendAt: at(60), expiresAt: at(90) })
    for (const wanted of [waiting, expiring]) await store.reserveMessage(wanted, reserving)
    await record(store, [state(false, 30)])
    await record(store, [state(true, 20)])
    expect((await circumstances())?.stopped).toBe('notAuthorized')
    const due = await store.claimDue({ ...claiming, now: at(120) })
    expect(due.map(({ id }) => id)).toEqual([expiring.message.id])
    await record(store, [state(true, 130)])
    expect((await circumstances())?.stopped).toBeUndefined()
    const [again] = await store.claimDue({ ...claiming, now: at(140) })
    expect(again?.id).toBe(waiting.message.id)
  })

  it('what was accepted stays accepted, whoever withdraws consent later', async () => {
    const { store } = current()
    const messageId = await reserve(store)
    await record(store, [], [accepted(messageId, 'SM1')])
    await record(store, [said('withdrawn', 20)])
    expect((await store.getMessage(messageId, undefined, false))?.message.status).toBe('queued')
  })
}

function ordersOf<One>(all: readonly One[]): One[][] {
  if (all.length < 2) return [[...all]]
  return all.flatMap((first, at) => ordersOf(all.toSpliced(at, 1)).map((others) => [first, ...others]))
}
