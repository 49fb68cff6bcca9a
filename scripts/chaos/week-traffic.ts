import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { emailStory, phoneStory, type Story } from '#sandbox/stories.ts'
import type { Random } from '../random.ts'
import type { Load } from './load.ts'
import type { ChaosWorld } from './world.ts'

/** What was asked of the server for one person, and what its caller was told at the end. */
export interface Asked {
  provider: string
  story: Story
  /** The last answer: its status, 0 where none came, and the code of its error. */
  status: number
  code?: string | undefined
}

const people = 300
const retryMs = 250
const mostTries = 120
const dueAfterMs = 1_500
/** Most end well; each of the others happens to somebody. */
const phoneEnds = ['80', '81', '84', '85', '86', '87', '88', '89', '90', '91', '95', '96', '98']
const mailboxes = [
  'bounce',
  'full',
  'blocked',
  'spam',
  'refused',
  'busy',
  'drop',
  'twice',
  'reverse',
  'early',
]
const wellOf = 3
const answered = z.looseObject({
  messageId: z.uuid().optional(),
  error: z.looseObject({ code: z.string().optional() }).optional(),
})

/** Reminders, codes and mails of a small company to its customers, `perSecond` of them, until it is stopped. */
export function startTraffic(world: ChaosWorld, random: Random, perSecond: number) {
  const asked = new Map<string, Asked>()
  let stopped = false

  async function ask(): Promise<void> {
    const key = `chaos-${randomUUID()}`
    const { action, params } = order(key, random)
    const provider = params.provider ?? 'sms'
    const story = action === 'sendEmail' ? emailStory(params.to) : phoneStory(params.to)
    const entry: Asked = { provider, story, status: 0 }
    asked.set(key, entry)
    world.ledger.sends.set(key, undefined)
    for (let tries = 1; tries <= mostTries; tries++) {
      const answer = await told(world, key, { action, params }).catch(() => undefined)
      entry.status = answer?.status ?? 0
      entry.code = answer?.code
      if (answer?.messageId && answer.status < 300) world.ledger.sends.set(key, answer.messageId)
      if (answer && answer.status < 500) return
      await pause(retryMs)
    }
  }

  async function again(): Promise<void> {
    const asking: Promise<void>[] = []
    while (!stopped) {
      asking.push(ask())
      await pause(1_000 / perSecond)
    }
    await Promise.all(asking)
  }

  const running = again()
  const load: Load = {
    async stop() {
      stopped = true
      await running
    },
  }
  return { ...load, asked }
}

interface Params {
  to: string
  body: string
  subject?: string
  provider?: string
  sendAt?: string
  parentType?: string
  parentId?: string
}

function order(key: string, random: Random): { action: string; params: Params } {
  const person = random.below(people)
  const provider = random.pick(['sms', 'twilio', 'greenapi', 'smtp', 'sendgrid', 'resend'])
  if (['smtp', 'sendgrid', 'resend'].includes(provider)) {
    const box = person % wellOf === 0 ? (mailboxes[person % mailboxes.length] ?? 'ok') : 'ok'
    const to = `${box}+${person}@customers.example`
    return { action: 'sendEmail', params: { to, subject: key, body: 'Votre rendez-vous', provider } }
  }
  const end = person % wellOf === 0 ? (phoneEnds[person % phoneEnds.length] ?? '70') : '70'
  const to = `+3361${String(20_000 + person)}${end}`
  // Half of them are reminders, each for a while later.
  const sendAt = new Date(Date.now() + dueAfterMs).toISOString()
  const reminder =
    random.below(2) === 0 ? { sendAt, parentType: 'Meeting', parentId: `meeting-${person}` } : {}
  return provider === 'sms'
    ? { action: 'sendSMS', params: { to, body: key, ...reminder } }
    : { action: 'sendWhatsApp', params: { to, body: key, provider, ...reminder } }
}

async function told({ baseUrl, token }: ChaosWorld, key: string, order: object) {
  const response = await fetch(`${baseUrl}/api/max/actions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(30_000),
  })
  const { messageId, error } = answered.parse(await response.json())
  return { status: response.status, messageId, code: error?.code }
}
