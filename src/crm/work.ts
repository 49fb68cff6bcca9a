import { type Crm, type Delivery, type DeliveryFacts, isFailure } from '#src/contract/crm.ts'
import type { JobKind } from '#src/model/job.ts'
import { ownReason } from '#src/model/own-reason.ts'
import type { Sentences } from '#src/model/sentences/sentences.ts'
import type { Job, JobMessage } from '#src/store/calls/jobs.ts'
import { inboundWork } from './inbound.ts'
import type { Work } from './jobs.ts'
import { tellRefusal } from './refused.ts'
import { addressOf, appointmentOf, personOf, traced } from './traced.ts'

/** What the CRM shows of each status; any other is a message on its way: sent. */
const shown = new Map<string, Delivery>([
  ['delivered', 'delivered'],
  ['opened', 'read'],
  ['read', 'read'],
  ['clicked', 'clicked'],
  ['bounced', 'bounced'],
  ['rejected', 'failed'],
  ['failed', 'failed'],
  ['complained', 'complained'],
])

/** The work of a house that has none: what people wrote is kept, and nobody is asked. */
export function workWithoutCrm(tools: Parameters<typeof tellRefusal>[0]): ReadonlyMap<string, Work> {
  return new Map([['inbound', tellRefusal(tools)]])
}

/** The work of a house that has a CRM, by the job's kind: it shows what was sent, what became of it, and what came in. */
export function workOf(tools: Parameters<typeof inboundWork>[0]): ReadonlyMap<string, Work> {
  const { crm, sentences } = tools
  const work: Record<JobKind, Work> = {
    inbound: inboundWork(tools),
    trace: async ({ message }) => {
      await crm.trace(await traced(tools, message))
      await keepTime(tools, message)
    },
    tell: async (job) => crm.tell(await traced(tools, job.message), factsOf(job, sentences)),
    mark: (job) => mark(crm, job),
  }
  return new Map(Object.entries(work))
}

/** The status as it was when the fact came, so that a later fact cannot be taken back by an earlier one told late. */
function factsOf({ payload, message }: Job, sentences: Sentences): DeliveryFacts {
  const status = shown.get(payload.status ?? '') ?? 'sent'
  return {
    status,
    deliveredAt: message.delivered_at,
    openedAt: message.opened_at ?? message.read_at,
    // Any other message may have been held up for a while: the reason for that does not count any more.
    reason: isFailure(status) ? reasonOf(message, sentences) : undefined,
  }
}

function reasonOf(
  { error_code: code, error_message: words }: JobMessage,
  { reasons, withReason }: Sentences,
): string | undefined {
  const own = ownReason(code)
  if (own === undefined) return words
  // What the last of them met is all that can be said of the others.
  return own === 'attempts_exhausted' && words ? withReason(reasons[own], words) : reasons[own]
}

/**
 * A message about an appointment says when that is: whoever answers later answers to that time. It is asked for once the message
 * is out, mostly within a second, since a CRM that is away must hold up no send: of an appointment that is moved in between the
 * new time is taken for the one that was told.
 */
async function keepTime(
  { crm, store }: Parameters<typeof inboundWork>[0],
  message: JobMessage,
): Promise<void> {
  const about = appointmentOf(crm, message)
  if (message.direction === 'inbound' || !about) return
  const appointment = await crm.appointment(about.id)
  if (appointment) await store.setAppointmentTime(message.id, appointment.startsAt)
}

async function mark(crm: Crm, { payload, message }: Job): Promise<void> {
  const person = await personOf(crm, message)
  if (!person) return
  // That an address is dead after all, or is not, says nothing of what its person wants.
  const dead = payload.bounce_class === 'hard'
  const withdrawn = payload.consent === 'withdrawn'
  await crm.mark(person, addressOf(message), dead ? { invalid: withdrawn } : { optedOut: withdrawn })
}
