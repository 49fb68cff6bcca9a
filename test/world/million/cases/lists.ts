import { busyAddress, idOf, personOf, tenant } from '../fill.ts'
import { type Cases, daysAgo } from './case.ts'

const limit = 50
const halfWay = { createdAt: daysAgo(100).toISOString(), id: idOf('ended', 0) }
const statuses = [
  'scheduled',
  'queued',
  'sending',
  'unknown',
  'cancelled',
  'received',
  'sent',
  'deferred',
  'delivered',
  'opened',
  'read',
  'failed',
  'rejected',
  'bounced',
  'complained',
  'clicked',
]

export const lists = {
  getMessage: {
    'of one that has arrived': (store, before) => store.getMessage(idOf('ended', before), undefined, true),
    'of an escalation': (store, before) => store.getMessage(idOf('escalated', before), tenant, false),
  },
  listMessages: {
    'of all': (store) => store.listMessages({ limit }),
    'of the tenant that has nearly all': (store) => store.listMessages({ tenantId: tenant, limit }),
    'of a small tenant': (store) => store.listMessages({ tenantId: 't40', limit }),
    'of a tenant that has none': (store) => store.listMessages({ tenantId: 'nobody', limit }),
    'of a channel': (store) => store.listMessages({ tenantId: tenant, channel: 'whatsapp', limit }),
    'of a lead': (store) => store.listMessages({ tenantId: tenant, leadId: 'lead-3', limit }),
    'to a person': (store) => store.listMessages({ tenantId: tenant, to: personOf('ended', 3), limit }),
    'to the address that gets most': (store) =>
      store.listMessages({ tenantId: tenant, to: busyAddress, limit }),
    'half way': (store) => store.listMessages({ tenantId: tenant, before: halfWay, limit }),
    ...Object.fromEntries(
      statuses.map((status) => [
        `with the status ${status}`,
        (store) => store.listMessages({ tenantId: tenant, status, limit }),
      ]),
    ),
  },
  listDeadLetters: {
    first: (store) => store.listDeadLetters({ tenantId: tenant, limit }),
    'of a tenant that has none': (store) => store.listDeadLetters({ tenantId: 'nobody', limit }),
    'half way': (store) => store.listDeadLetters({ before: halfWay, limit }),
  },
  listEvents: {
    'of all': (store) => store.listEvents({ unmatched: false, limit }),
    'of the tenant that has nearly all': (store) =>
      store.listEvents({ tenantId: tenant, unmatched: false, withRaw: true, limit }),
    'of a small tenant, half way': (store) =>
      store.listEvents({ tenantId: 't40', unmatched: false, beforeId: 400_000, limit }),
    'of nobody': (store) => store.listEvents({ unmatched: true, limit }),
    'of nobody, half way': (store) => store.listEvents({ unmatched: true, beforeId: 400_000, limit }),
  },
  listQuarantined: {
    first: (store) => store.listQuarantined({ limit }),
    'half way': (store) => store.listQuarantined({ beforeId: 10_000, limit }),
  },
  listSuppressions: {
    first: (store) => store.listSuppressions({ tenantId: undefined, limit }),
    'of a tenant that has none': (store) => store.listSuppressions({ tenantId: 'nobody', limit }),
    'of the address that gets most': (store) =>
      store.listSuppressions({ tenantId: undefined, channel: 'sms', address: busyAddress, limit }),
  },
  messageStats: {
    'of an hour': (store) => store.messageStats({ tenantId: tenant, from: daysAgo(1 / 24), to: new Date() }),
    'of a day a month ago': (store) =>
      store.messageStats({ tenantId: tenant, from: daysAgo(31), to: daysAgo(30) }),
    'of 30 days': (store) => store.messageStats({ tenantId: tenant, from: daysAgo(30), to: new Date() }),
    'of 200 days, of one channel': (store) =>
      store.messageStats({ channel: 'sms', from: daysAgo(200), to: new Date() }),
  },
} satisfies Record<string, Cases>
