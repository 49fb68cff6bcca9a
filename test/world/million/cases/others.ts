import { randomUUID } from 'node:crypto'
import { busyAddress, idOf, personOf, tenant, uuidOf } from '../fill.ts'
import { type Cases, daysAgo, owner } from './case.ts'

const template = (name: string) => ({
  name,
  type: 'reminder',
  messageText: 'Hello',
  variables: [],
  buttons: [],
  contentSid: null,
})
const saidOf = (address: string) => ({
  channel: 'sms' as const,
  address,
  reason: 'by phone',
  by: undefined,
  tenantId: undefined,
  eventId: randomUUID(),
  requestId: 'request',
})
const lease = { owner, leaseSeconds: 300 }
const firstDeadJob = 27_001

export const others = {
  schemaVersion: { 'at boot': (store) => store.schemaVersion() },
  dueSteps: {
    'twenty at once': (store) => store.dueSteps({ limit: 20 }),
  },
  claimEscalations: {
    'those that are due': async (store) => {
      const due = await store.dueSteps({ limit: 20 })
      return store.claimEscalations(
        due.map((step) => step.escalation_id),
        { leaseSeconds: 240 },
      )
    },
  },
  requestOfStep: {
    'of one that waits': (store, before) => store.requestOfStep(idOf('escalated', before), 1),
  },
  failEscalationStep: {
    'that was claimed': async (store) => {
      const due = await store.dueSteps({ limit: 1 })
      const ids = due.map((step) => step.escalation_id)
      await store.claimEscalations(ids, { leaseSeconds: 240 })
      return store.failEscalationStep(ids[0] ?? randomUUID(), 1, 'refused')
    },
  },
  stopEscalation: {
    'that waits': (store, before) =>
      store.stopEscalation(idOf('escalated', before + 400), 'appointment_past'),
  },
  stopEscalationsAbout: {
    'an appointment': (store, before) =>
      store.stopEscalationsAbout(
        { types: ['Meeting'], id: `meeting-${idOf('escalated', before + 420)}`, at: new Date() },
        'appointment_cancelled',
      ),
    'one that nobody was told of': (store) =>
      store.stopEscalationsAbout(
        { types: ['Meeting'], id: randomUUID(), at: new Date() },
        'appointment_cancelled',
      ),
  },
  countMessages: {
    'of an hour that something became known of, or none': (store) => store.countMessages(),
  },
  settleEvents: {
    'of the last moments': (store) => store.settleEvents(),
  },
  suppressBouncing: {
    'the address that gets most': (store) => store.suppressBouncing([busyAddress]),
    somebody: (store, before) => store.suppressBouncing([personOf('ended', before + 95)]),
  },
  holdMailbox: { 'that nobody reads': (store) => store.holdMailbox('imap.example bounces', owner) },
  keepMailbox: {
    'how far it was read': async (store, before) => {
      await store.holdMailbox('imap.example bounces', owner)
      return store.keepMailbox('imap.example bounces', owner, { uidValidity: 1, lastUid: before })
    },
  },
  leaveMailbox: { 'at a stop': (store) => store.leaveMailbox('imap.example bounces', owner) },
  mailSentTo: {
    'one that has arrived': (store, before) => store.mailSentTo(idOf('ended', before + 90)),
    'none of ours': (store) => store.mailSentTo(randomUUID()),
  },
  purgePayloads: {
    first: (store) => store.purgePayloads(undefined),
    'half way': (store) => store.purgePayloads('80000000-0000-4000-8000-000000000000'),
  },
  purgeKeys: {
    first: (store) => store.purgeKeys(undefined),
    'half way': (store) => store.purgeKeys({ tenant_id: tenant, key: 'key-8' }),
  },
  claimJobs: {
    five: (store) => store.claimJobs({ ...lease, limit: 5 }),
    thirty: (store) => store.claimJobs({ ...lease, limit: 30 }),
    'none, since nothing is due': (store) => store.claimJobs({ ...lease, limit: 5, now: daysAgo(1) }),
  },
  finishJob: {
    'that is done': async (store) => {
      const [job] = await store.claimJobs({ ...lease, limit: 1 })
      return store.finishJob(job?.id ?? 0, owner)
    },
  },
  failJob: {
    'that is tried again': async (store) => {
      const [job] = await store.claimJobs({ ...lease, limit: 1 })
      const failed = { code: 'away', message: 'away', retryInMs: 86_400_000, counted: true }
      return store.failJob(job?.id ?? 0, owner, failed)
    },
  },
  listDeadJobs: {
    first: (store) => store.listDeadJobs({ tenantId: 't40', limit: 50 }),
    'of a tenant that has none': (store) => store.listDeadJobs({ tenantId: tenant, limit: 50 }),
    'half way': (store) => store.listDeadJobs({ tenantId: undefined, beforeId: 29_000, limit: 50 }),
  },
  reviveDeadJob: {
    'that we gave up': (store, before) => store.reviveDeadJob(firstDeadJob + before, undefined),
  },
  meantAppointment: {
    'by what a person wrote': (store, before) =>
      store.meantAppointment(idOf('inbound', before * 2), ['Meeting']),
    'by what the address wrote that gets most': (store, before) =>
      store.meantAppointment(idOf('inbound', before * 2 + 1), ['Meeting']),
  },
  setAppointmentTime: {
    'of a message': (store, before) => store.setAppointmentTime(idOf('ended', before), new Date()),
  },
  setLead: {
    'of what a person wrote': (store, before) => store.setLead(idOf('inbound', before), 'lead-new'),
  },
  compareSuppressions: {
    'of a day with a thousand': (store, before) =>
      store.compareSuppressions(
        Array.from({ length: 1_000 }, (_, at) => ({
          address: `${personOf('ended', before + at)}@example.com`,
          since: new Date(Date.now() - 86_400_000),
          dead: at % 2 === 0,
        })),
      ),
  },
  suppressAddress: {
    'of somebody': (store, before) => store.suppressAddress(saidOf(personOf('ended', before))),
    'that gets most': (store) => store.suppressAddress(saidOf(busyAddress)),
  },
  releaseAddress: {
    'that was entered': async (store, before) => {
      await store.suppressAddress(saidOf(personOf('ended', before + 100)))
      return store.releaseAddress(saidOf(personOf('ended', before + 100)), false)
    },
    'that nobody entered': (store) => store.releaseAddress(saidOf('+33600000000'), true),
  },
  createTemplate: {
    new: (store) => store.createTemplate({ ...template(randomUUID()), id: randomUUID(), tenantId: tenant }),
  },
  listTemplates: {
    first: (store) => store.listTemplates({ tenantId: tenant, limit: 50 }),
  },
  getTemplate: { one: (store, before) => store.getTemplate(templateId(before), tenant) },
  changeTemplate: {
    one: async (store, before) => {
      const found = await store.getTemplate(templateId(before), tenant)
      const expected = new Date(found?.updated_at ?? 0)
      return store.changeTemplate(templateId(before), tenant, { state: template(randomUUID()), expected })
    },
  },
  deleteTemplate: { one: (store, before) => store.deleteTemplate(templateId(before + 50), tenant) },
} satisfies Record<string, Cases>

function templateId(number: number): string {
  return uuidOf(number)
}
