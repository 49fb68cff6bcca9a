import { randomUUID } from 'node:crypto'
import type { Store } from '#src/store/store.ts'
import { accepted, event, newMessage, reserving, revived } from '#support/facts.ts'
import { busyAddress, idOf, tenant } from '../fill.ts'
import { type Cases, owner } from './case.ts'

const now = () => new Date()
const options = () => ({ ...reserving, owner, now: now() })
const claim = { owner, leaseSeconds: 180, repeatSeconds: 82_800 }
const steps = [
  { channel: 'email', afterSeconds: 3_600, unless: 'read', request: { channel: 'email' } },
] as never

const cancelled = (messageId: string) => ({
  events: [{ event: event({ messageId, type: 'unknown', source: 'person' }), requestId: undefined }],
})

/** A message whose first attempt has just begun. */
async function begun(store: Store, fields: Parameters<typeof newMessage>[0] = {}): Promise<string> {
  const wanted = newMessage({ tenantId: tenant, ...fields })
  await store.reserveMessage(wanted, options())
  return wanted.message.id
}

async function turn(store: Store, inLine: boolean) {
  return store.takeTurn(await begun(store, { channel: 'email' }), 'sendgrid', { inLine, gapMs: 1 })
}

export const sends = {
  reserveMessages: {
    'thirty at once': (store) =>
      store.reserveMessages(
        Array.from({ length: 30 }, () => ({
          message: newMessage({ tenantId: tenant }),
          options: { ...options(), idempotency: { key: randomUUID(), requestHash: 'hash' } },
        })),
      ),
  },
  reserveMessage: {
    'to a person': (store) => begun(store),
    'by email': (store) => begun(store, { channel: 'email' }),
    'for later': (store) => begun(store, { sendAt: new Date(Date.now() + 3_600_000) }),
    'with limits, to the address that gets most': (store) =>
      store.reserveMessage(newMessage({ tenantId: tenant, to: busyAddress }), {
        ...options(),
        limits: { hour: 100_000, recipientDay: 1_000 },
      }),
    'with limits, of a small tenant to the address that gets most': (store) =>
      store.reserveMessage(newMessage({ tenantId: 't40', to: busyAddress }), {
        ...options(),
        limits: { hour: 100, recipientDay: 5 },
      }),
    'again with the key of one before': (store, before) =>
      store.reserveMessage(newMessage({ tenantId: tenant }), {
        ...options(),
        idempotency: { key: `key-${idOf('ended', before + 1)}`, requestHash: 'hash' },
      }),
    'with an escalation': (store) => begun(store, { escalation: { steps } }),
  },
  undoReservation: {
    'of one that has begun': async (store) => store.undoReservation(await begun(store), tenant, randomUUID()),
    'of one that is not there': (store) => store.undoReservation(randomUUID(), tenant, randomUUID()),
  },
  failOver: {
    'to its fallback': async (store) => {
      const id = await begun(store, { fallback: 'vonage' })
      const refused = accepted(id, '', { outcome: 'refused', providerMessageId: undefined, owner })
      return store.failOver(refused, { owner, leaseSeconds: 180 })
    },
  },
  settleUnknown: {
    'as sent': (store, before) =>
      store.settleUnknown(idOf('unknown', before), undefined, {
        events: [
          { event: event({ messageId: idOf('unknown', before), type: 'queued' }), requestId: undefined },
        ],
        outcomes: [accepted(idOf('unknown', before), `SM-${before}`)],
      }),
  },
  cancelMessage: {
    'that is for later': (store, before) =>
      store.cancelMessage(idOf('later', before), undefined, cancelled(idOf('later', before))),
    'that has arrived': (store, before) =>
      store.cancelMessage(idOf('ended', before), undefined, cancelled(idOf('ended', before))),
  },
  takeTurn: {
    first: (store) => turn(store, false),
    'in line': (store) => turn(store, true),
  },
  claimDue: {
    one: (store) => store.claimDue({ ...claim, limit: 1 }),
    thirty: (store) => store.claimDue({ ...claim, limit: 30 }),
    'while a fallback stands in': (store) =>
      store.claimDue({ ...claim, limit: 10, avoided: ['twilio'], standIns: ['greenapi', 'sendgrid'] }),
    'while nobody has room': (store) =>
      store.claimDue({ ...claim, limit: 10, busy: ['twilio', 'sendgrid', 'resend', 'greenapi'] }),
  },
  openClaims: {
    'of this process': (store) => store.openClaims(owner),
  },
  giveBack: {
    'what was claimed': async (store) => {
      await store.claimDue({ ...claim, owner: 'a process that hears nothing', limit: 10 })
      return store.giveBack(await store.openClaims('a process that hears nothing'))
    },
  },
  outgoing: {
    'of one that waits': (store, before) => store.outgoing(idOf('later', before + 100)),
  },
  outgoingIfKept: {
    'of one that has ended': (store, before) => store.outgoingIfKept(idOf('ended', before)),
  },
  longestDueMs: {
    'of all': (store) => store.longestDueMs(),
    'but for a provider’s': (store) => store.longestDueMs(['twilio']),
  },
  endExpiredAttempts: {
    'a thousand at once': (store) =>
      store.endExpiredAttempts(undefined, { repeaters: ['resend'], finders: ['twilio'] }),
  },
  reviveDeadLetter: {
    'that was given up': (store, before) =>
      store.reviveDeadLetter(idOf('dead', before), undefined, { events: [revived(idOf('dead', before))] }),
    'that has arrived': (store, before) =>
      store.reviveDeadLetter(idOf('ended', before), tenant, { events: [revived(idOf('ended', before))] }),
  },
  claimChecks: {
    'twenty at once': (store) =>
      store.claimChecks({
        limit: 20,
        firstPauseSeconds: 900,
        longestPauseSeconds: 43_200,
        untilSeconds: 259_200,
      }),
  },
  claimStaleQueue: {
    'in which nothing of ours lies': (store) =>
      store.claimStaleQueue({ provider: 'greenapi', staleSeconds: 600, pauseSeconds: 300, now: now() }),
  },
} satisfies Record<string, Cases>
