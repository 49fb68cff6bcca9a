import { type Crm, type DeliveryFacts, type DeliveryWord, failureWords } from '#src/contract/crm.ts'
import type { Job } from '#src/store/calls/jobs.ts'
import { inboundWork } from './inbound.ts'
import type { Work } from './jobs.ts'
import { addressOf, personOf, traced } from './traced.ts'

/** What the CRM calls each status of ours; any other is a message on its way: Sent. */
const words = new Map<string, DeliveryWord>([
  ['delivered', 'Delivered'],
  ['opened', 'Read'],
  ['read', 'Read'],
  ['clicked', 'Clicked'],
  ['bounced', 'Bounced'],
  ['rejected', 'Failed'],
  ['failed', 'Failed'],
  ['complained', 'Spam'],
])

/** The work of a house that has none: what people wrote is kept, and nothing follows. */
export const workWithoutCrm: ReadonlyMap<string, Work> = new Map([['inbound', async () => {}]])

/** The work of a house that has a CRM, by the job's kind: it shows what was sent, what became of it, and what came in. */
export function workOf(tools: Parameters<typeof inboundWork>[0]): ReadonlyMap<string, Work> {
  const { crm } = tools
  return new Map<string, Work>([
    ['inbound', inboundWork(tools)],
    ['trace', async ({ message }) => crm.trace(await traced(crm, message))],
    ['tell', async (job) => crm.tell(await traced(crm, job.message), factsOf(job))],
    ['mark', (job) => mark(crm, job)],
  ])
}

/** The status as it was when the fact came, so that a later fact cannot be taken back by an earlier one told late. */
function factsOf({ payload, message }: Job): DeliveryFacts {
  const status = words.get(String(payload.status)) ?? 'Sent'
  // Anything else may have been held up for a while, and why is no reason any more.
  const failed = failureWords.has(status)
  return {
    status,
    deliveredAt: message.delivered_at,
    openedAt: message.opened_at ?? message.read_at,
    code: failed ? message.error_code : undefined,
    reason: failed ? message.error_message : undefined,
  }
}

async function mark(crm: Crm, { payload, message }: Job): Promise<void> {
  const person = await personOf(crm, message)
  if (!person) return
  const dead = payload.bounce_class === 'hard'
  await crm.mark(
    person,
    addressOf(message),
    dead ? { invalid: true } : { optedOut: payload.consent === 'withdrawn' },
  )
}
