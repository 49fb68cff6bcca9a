import { randomUUID } from 'node:crypto'
import type { MessageEvent } from '#src/model/event.ts'
import { batchRows } from '#src/store/rows.ts'
import type { Store } from '#src/store/store.ts'
import { accepted, batchOf, event } from '#support/facts.ts'
import { busyAddress, idOf, type Kind, personOf, theirIdOf } from '../fill.ts'
import { type Cases, daysAgo } from './case.ts'

function tells(fields: Partial<MessageEvent>): MessageEvent {
  const now = new Date()
  return event({ channel: 'sms', occurredAt: now, receivedAt: now, ...fields })
}

function record(store: Store, ...events: MessageEvent[]) {
  return store.recordEvents(batchOf(events))
}

/** A receipt of a kind's message. */
function receiptOf(kind: Kind, place: number, fields: Partial<MessageEvent> = {}): MessageEvent {
  return tells({ providerMessageId: theirIdOf(kind, place), recipient: personOf(kind, place), ...fields })
}

function writtenBy(sender: string, fields: Partial<MessageEvent> = {}): MessageEvent {
  return tells({
    type: 'received',
    messageId: randomUUID(),
    providerMessageId: randomUUID(),
    inbound: { sender, recipient: '+33700000000', text: 'Yes' },
    ...fields,
  })
}

export const told = {
  recordEvents: {
    'a receipt': (store, before) => record(store, receiptOf('toAsk', before + 20)),
    'thirty receipts': (store, before) =>
      record(
        store,
        ...Array.from({ length: 30 }, (_, index) => receiptOf('toAsk', 100 + before * 30 + index)),
      ),
    'a receipt that says the message’s id': (store, before) =>
      record(store, receiptOf('toAsk', before + 40, { messageId: idOf('toAsk', before + 40) })),
    'that one failed': (store, before) => record(store, receiptOf('toAsk', before + 60, { type: 'failed' })),
    'a receipt of one that has arrived': (store, before) =>
      record(store, receiptOf('ended', before + 20, { type: 'read' })),
    'a receipt of an escalation': (store, before) =>
      record(store, receiptOf('escalated', before + 20, { type: 'read' })),
    'a receipt that is told twice': async (store, before) => {
      const receipt = receiptOf('toAsk', before + 80)
      await record(store, receipt)
      return record(store, receipt)
    },
    'a receipt that is nobody’s': (store) => record(store, tells({ providerMessageId: randomUUID() })),
    'a guess': (store, before) =>
      record(store, tells({ recipient: personOf('ended', before + 40), guess: true })),
    'a guess at the address that gets most, by who never wrote to it': (store) =>
      record(store, tells({ provider: 'smtp', recipient: busyAddress, guess: true })),
    'what a person wrote': (store, before) => record(store, writtenBy(personOf('ended', before + 60))),
    'what the address wrote that gets most': (store) => record(store, writtenBy(busyAddress)),
    'what the address wrote that gets most, in reply': (store, before) =>
      record(
        store,
        writtenBy(busyAddress, {
          inbound: {
            sender: busyAddress,
            recipient: '+33700000000',
            text: 'Yes',
            repliedTo: theirIdOf('ended', before * 200),
          },
        }),
      ),
    'what a stranger wrote': (store) => record(store, writtenBy('+33799999999')),
    'what a person wrote under an alias': (store, before) =>
      record(store, writtenBy(`lid-${before + 1}`, { provider: 'greenapi', channel: 'whatsapp' })),
    'a stop': (store, before) =>
      record(store, writtenBy(personOf('ended', before + 80), { consent: 'withdrawn' })),
    'a dead address': (store, before) =>
      record(store, receiptOf('toAsk', before + 300, { type: 'bounced', consent: 'withdrawn' })),
    'an alias': (store, before) =>
      record(
        store,
        receiptOf('toAsk', before + 320, { alias: { name: `lid-new-${before}`, address: '+33612345678' } }),
      ),
    'what a provider says of itself': (store) =>
      record(
        store,
        tells({ provider: 'greenapi', type: 'unknown', providerState: { state: 'away', open: false } }),
      ),
    'that a send was accepted': (store, before) =>
      store.recordEvents(
        batchOf(
          [tells({ messageId: idOf('underWay', before), type: 'queued', source: 'send' })],
          [accepted(idOf('underWay', before), `SM-${randomUUID()}`)],
        ),
      ),
    'that thirty sends were accepted': (store, before) => {
      const ids = Array.from({ length: 30 }, (_, index) => idOf('underWay', 100 + before * 30 + index))
      return store.recordEvents(
        batchOf(
          ids.map((messageId) => tells({ messageId, type: 'queued', source: 'send' })),
          ids.map((messageId) => accepted(messageId, `SM-${randomUUID()}`)),
        ),
      )
    },
    'what cannot be read': (store) =>
      store.recordEvents({
        ...batchOf([]),
        quarantined: [
          {
            provider: 'twilio',
            bytes: Buffer.from(randomUUID()),
            reason: 'unreadable',
            requestId: undefined,
            receivedAt: new Date(),
          },
        ],
      }),
  },
  recordRows: {
    'without effects': (store, before) =>
      store.recordRows(batchRows(batchOf([receiptOf('toAsk', before + 340)])), { effects: false }),
  },
  lastInbound: {
    'of one that people write to': (store) => store.lastInbound('twilio'),
    'of one that nobody has written to': (store) => store.lastInbound('resend'),
  },
  matchParked: {
    'the newest': (store) => store.matchParked(),
    'of the last two minutes': (store) => store.matchParked({ withinMs: 120_000 }),
    'half way': (store) => store.matchParked({ before: { time: daysAgo(0.4).toISOString(), id: 900_000 } }),
  },
  listKeptItems: {
    'of the last hour, from the start': (store) =>
      store.listKeptItems({ since: daysAgo(1 / 24), afterId: 0, limit: 100, reach: 50_000 }),
    'of the last hour, from where it came to': (store) =>
      store.listKeptItems({ since: daysAgo(1 / 24), afterId: 900_000, limit: 100, reach: 50_000 }),
    'of one that tells little': (store) =>
      store.listKeptItems({
        provider: 'resend',
        since: daysAgo(200),
        afterId: 0,
        limit: 100,
        reach: 50_000,
      }),
  },
  listUnreadItems: {
    'of the last day': (store) => store.listUnreadItems({ since: daysAgo(1), afterId: 0, limit: 100 }),
  },
  markReplayed: {
    ten: (store, before) =>
      store.markReplayed(
        Array.from({ length: 10 }, (_, index) => 10_000 + before * 10 + index),
        new Date(),
      ),
  },
  rewriteEvents: {
    'that read the same': (store) => store.rewriteEvents([], { dryRun: false }),
    'that read otherwise': (store, before) => {
      const told = tells({ providerMessageId: theirIdOf('toAsk', before + 360) })
      return record(store, told).then(() =>
        store.rewriteEvents(batchRows(batchOf([{ ...told, type: 'read' }])).events, { dryRun: false }),
      )
    },
    'of consent': (store, before) => {
      const told = receiptOf('toAsk', before + 380, { type: 'unsubscribed', consent: 'withdrawn' })
      return record(store, told).then(() =>
        store.rewriteEvents(batchRows(batchOf([{ ...told, type: 'read', consent: undefined }])).events, {
          dryRun: false,
          effects: true,
        }),
      )
    },
  },
} satisfies Record<string, Cases>
