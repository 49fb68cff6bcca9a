import { setTimeout as pause } from 'node:timers/promises'
import type { Approval, ContentApi } from '#providers/twilio/content.ts'
import { objections, templateContent } from '#providers/twilio/template-content.ts'
import type { Installation, KnownTemplate } from './installation.ts'

export interface Push {
  language: string
  category: string
  /** How long WhatsApp's verdict is waited for. */
  waitMs: number
}

/** What became of one template. `held`: nothing was done, and why. */
export interface Pushed {
  template: KnownTemplate
  contentSid: string | undefined
  status: string
  reason: string | undefined
}

type Tell = (template: KnownTemplate, said: string) => void

const undecided = new Set(['unsubmitted', 'received', 'pending'])
const firstPauseMs = 500
const longestPauseMs = 10_000

/**
 * Creates at Twilio what it does not know yet, submits it to WhatsApp, notes its sid, and waits for the verdicts. May be
 * stopped and made again: what was created or submitted before is found by its name.
 */
export async function push(
  { installation, content, tell }: { installation: Installation; content: ContentApi; tell: Tell },
  templates: readonly KnownTemplate[],
  wanted: Push,
): Promise<Pushed[]> {
  const waiting = templates.filter(({ contentSid }) => contentSid === null)
  if (waiting.length === 0) return []
  const there = await content.named()
  const pushed: Pushed[] = []
  for (const template of waiting)
    pushed.push(await pushOne({ installation, content, tell, there }, template, wanted))
  return settled(content, tell, pushed, wanted.waitMs)
}

async function pushOne(
  tools: { installation: Installation; content: ContentApi; tell: Tell; there: ReadonlyMap<string, string> },
  template: KnownTemplate,
  { language, category }: Push,
): Promise<Pushed> {
  const { installation, content, tell, there } = tools
  const [objection] = objections(template)
  if (objection !== undefined) return held(tell, template, `WhatsApp would reject it: its text ${objection}`)
  const wanted = templateContent(template, language)
  const name = wanted.friendly_name
  const before = there.get(name)
  const contentSid = before ?? (await content.create(wanted))
  tell(template, `${before === undefined ? 'created' : 'found'} at Twilio as ${contentSid}`)
  const approval = await submitted({ content, tell }, template, contentSid, { name, category })
  if ((await installation.attach(template, contentSid)) === 'changed')
    return held(tell, template, 'it was changed meanwhile: push again')
  return { template, contentSid, ...approval }
}

async function submitted(
  { content, tell }: { content: ContentApi; tell: Tell },
  template: KnownTemplate,
  contentSid: string,
  request: { name: string; category: string },
): Promise<Approval> {
  const known = await content.approval(contentSid)
  if (known && known.status !== 'unsubmitted') {
    tell(template, said(known))
    return known
  }
  const approval = await content.submit(contentSid, request)
  tell(template, `submitted to WhatsApp as ${request.name} (${request.category}): ${said(approval)}`)
  return approval
}

function held(tell: Tell, template: KnownTemplate, reason: string): Pushed {
  tell(template, `held back: ${reason}`)
  return { template, contentSid: undefined, status: 'held', reason }
}

/** Looks at what WhatsApp has not decided, at longer and longer pauses, until the time is over. */
async function settled(
  content: ContentApi,
  tell: Tell,
  pushed: readonly Pushed[],
  waitMs: number,
): Promise<Pushed[]> {
  const current = [...pushed]
  const deadline = performance.now() + waitMs
  let pauseMs = firstPauseMs
  while (current.some(({ status }) => undecided.has(status)) && performance.now() + pauseMs <= deadline) {
    await pause(pauseMs)
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    for (const [index, one] of current.entries()) {
      if (one.contentSid === undefined || !undecided.has(one.status)) continue
      const approval = await content.approval(one.contentSid)
      if (!approval || approval.status === one.status) continue
      tell(one.template, said(approval))
      current[index] = { ...one, ...approval }
    }
  }
  return current
}

/** A verdict in one line. */
export function said({ status, reason }: Approval): string {
  return reason === undefined ? status : `${status} (${reason})`
}
