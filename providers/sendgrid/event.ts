import { z } from 'zod'
import type { Item } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { type BounceClass, type EventType, type MessageEvent, providerEvent } from '#src/model/event.ts'
import { readBy } from '#src/model/machine.ts'

const types = new Map<string, EventType>([
  ['processed', 'queued'],
  ['deferred', 'deferred'],
  ['delivered', 'delivered'],
  ['bounce', 'bounced'],
  ['dropped', 'rejected'],
  ['open', 'opened'],
  ['click', 'clicked'],
  ['spamreport', 'complained'],
  ['unsubscribe', 'unsubscribed'],
  ['group_unsubscribe', 'unsubscribed'],
  ['group_resubscribe', 'subscribed'],
])

/** What a refusal of type `blocked` says about the address; the suppression API spells the same words longer. */
const softClassifications = ['mailbox unavailable', 'frequency', 'technical']

// What is documented as one type arrives as another ("attempt":"5"): a field that we cannot use is absent, and never
// a reason to refuse the event.
const text = z.union([z.string(), z.number()]).transform(String).nullish().catch(undefined)
const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .transform((value) => value === true || value === 1 || value === '1' || value === 'true')
  .nullish()
  .catch(undefined)

const reported = z.object({
  event: z.string().min(1),
  email: text,
  timestamp: text,
  sg_message_id: text,
  app_msg: text,
  type: text,
  bounce_classification: text,
  reason: text,
  response: text,
  status: text,
  url: text,
  sg_machine_open: flag,
  useragent: text,
  asm_group_id: text,
})
type Reported = z.infer<typeof reported>

/**
 * Our reading of one event of a batch. `transactionalGroups`: the unsubscribe groups (ASM) that our messages belong to: leaving
 * another, such as a newsletter's, says nothing of them.
 */
export function sendgridEvent(item: Item, transactionalGroups: ReadonlySet<string>): MessageEvent {
  const parsed = reported.safeParse(item.raw)
  if (!parsed.success) throw new UnreadableItem('sendgrid: the item is not an object with an event')
  const report = parsed.data
  const type = types.get(report.event) ?? 'unknown'
  return providerEvent('sendgrid', item, {
    type,
    providerType: report.event,
    channel: 'email',
    occurredAt: clock(report.timestamp),
    messageId: report.app_msg ?? undefined,
    // X-Message-Id of the send is the part before the first dot.
    providerMessageId: report.sg_message_id?.split('.')[0] || undefined,
    recipient: report.email || undefined,
    code: report.status || undefined,
    ...(type === 'opened' ? opened(report) : { reason: report.reason || report.response || undefined }),
    ...(report.event.startsWith('group_') && ofGroup(report, transactionalGroups)),
    ...(type === 'clicked' && { url: report.url || undefined, ...readBy(report.useragent) }),
    ...(type === 'bounced' && { bounceClass: bounceClass(report), guess: namesNoMessage(report) }),
  })
}

/** Documented as seconds, seen as milliseconds in SendGrid's own sample; a number or a string. */
function clock(timestamp: string | null | undefined): Date | undefined {
  const time = Number(timestamp || Number.NaN)
  return new Date(time > 1e11 ? time : time * 1_000)
}

function opened(report: Reported): { machine?: boolean; reason?: string } {
  if (report.sg_machine_open === true)
    return { machine: true, reason: 'opened by a privacy proxy (sg_machine_open)' }
  // It speaks of Apple's alone: Google's proxy comes with `false`.
  const judged = readBy(report.useragent)
  return judged.machine || typeof report.sg_machine_open !== 'boolean' ? judged : { machine: false }
}

/** What is said of one group holds for that group alone: its code names it, and SQL keeps to it (keep_consents). */
function ofGroup({ asm_group_id: id, event }: Reported, transactional: ReadonlySet<string>) {
  // Without its group a withdrawal may be of all, and a new subscription ends nothing.
  if (!id) return { consent: event === 'group_unsubscribe' ? ('withdrawn' as const) : ('none' as const) }
  return { code: `group ${id}`.slice(0, 40), ...(!transactional.has(id) && { consent: 'none' as const }) }
}

/** The type first: a `blocked` may well carry a 5.x.x status. */
function bounceClass(report: Reported): BounceClass {
  if (report.type === 'bounce') return 'hard'
  const classification = report.bounce_classification?.toLowerCase() ?? ''
  if (softClassifications.some((word) => classification.startsWith(word))) return 'soft'
  if (report.type === 'blocked') return 'blocked'
  return /^5\.1\./.test(report.status ?? '') ? 'hard' : 'soft'
}

/** A bounce that comes back late may have lost both ids (sendgrid/docs#5177). */
function namesNoMessage(report: Reported): true | undefined {
  return report.app_msg || report.sg_message_id ? undefined : true
}
