import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Random } from '../random.ts'
import { post, type Signed, telling } from './signed.ts'

/** What was asked of the servers and what they promised. */
export interface Ledger {
  /** Each event by its marker: whether a 2xx acknowledged it. */
  events: Map<string, boolean>
  /** Each send by its key: the message's id where a 2xx accepted it. */
  sends: Map<string, string | undefined>
  /** Answers by status; 0: none came. */
  answers: Map<number, number>
}

export function createLedger(): Ledger {
  return { events: new Map(), sends: new Map(), answers: new Map() }
}

export interface Load {
  /** Resolves when every request that is under way was answered, or given up. */
  stop(): Promise<void>
}

const providers: readonly Signed['provider'][] = ['sendgrid', 'sendgrid', 'resend', 'twilio', 'greenapi']
const paceMs = 25
const retryMs = 100
const mostTries = 100
const patienceMs = 2_000
const messageOf = z.object({ messageId: z.uuid() })

/**
 * Webhooks and sends without a pause, until it is stopped. Like a provider and like a CRM, it repeats what was not
 * acknowledged: the same event, the same send under the same key. One webhook in ten comes twice at once.
 */
export function startLoad(options: {
  urls: () => readonly string[]
  /** What the servers believe to be their address: it is what Twilio signs. */
  baseUrl: string
  token: string
  ledger: Ledger
  random: Random
  /** So many tell at once, and three times as many send: a send waits longer for its answer. */
  crowd: number
}): Load {
  const { urls, baseUrl, token, ledger, random, crowd } = options
  let stopped = false
  const leaving = new AbortController()

  async function repeated(ask: () => Promise<Response | undefined>): Promise<Response | undefined> {
    for (let tries = 1; ; tries++) {
      const response = await ask()
      const status = response?.status ?? 0
      ledger.answers.set(status, (ledger.answers.get(status) ?? 0) + 1)
      if ((status !== 0 && status < 500) || stopped || tries === mostTries) return response
      await pause(retryMs)
    }
  }

  async function tell(): Promise<void> {
    const provider = random.pick(providers)
    const count = provider === 'sendgrid' ? 1 + random.below(8) : 1
    const markers = Array.from({ length: count }, () => randomUUID())
    for (const marker of markers) ledger.events.set(marker, false)
    const webhook = () => repeated(() => post(random.pick(urls()), telling(provider, markers, baseUrl)))
    const answers = await Promise.all(random.below(10) === 0 ? [webhook(), webhook()] : [webhook()])
    if (answers.some((response) => response?.ok))
      for (const marker of markers) ledger.events.set(marker, true)
  }

  async function send(): Promise<void> {
    const key = `chaos-${randomUUID()}`
    ledger.sends.set(key, undefined)
    const body = JSON.stringify(sendOf(key, random))
    const headers = {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': key,
    }
    const response = await repeated(async () => {
      try {
        const answer = await fetch(`${random.pick(urls())}/api/max/actions`, {
          method: 'POST',
          headers,
          body,
          signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(30_000)]),
        })
        const text = await answer.text()
        if (answer.ok) ledger.sends.set(key, messageOf.parse(JSON.parse(text)).messageId)
        return answer
      } catch {
        return undefined
      }
    })
    if (response?.status === 400 || response?.status === 401)
      throw new Error(`chaos: a send was answered ${response.status}`)
  }

  async function again(work: () => Promise<void>): Promise<void> {
    while (!stopped) {
      await work()
      await pause(paceMs)
    }
  }

  const loops = [
    ...Array.from({ length: crowd }, () => again(tell)),
    ...Array.from({ length: crowd * 3 }, () => again(send)),
  ]
  return {
    async stop() {
      stopped = true
      // The repeat of a send whose first request died with its server waits ten seconds for the outcome.
      const patience = setTimeout(() => leaving.abort(), patienceMs)
      await Promise.all(loops)
      clearTimeout(patience)
    },
  }
}

/** A send by any provider: most end well, some are turned away at first, some are accepted and the line then cut. */
function sendOf(key: string, random: Random) {
  const story = random.below(20)
  const phone = `+336${String(random.below(1_000_000)).padStart(6, '0')}${story === 0 ? '81' : story === 1 ? '84' : '70'}`
  const local = story === 0 ? 'busy' : story === 1 ? 'drop' : 'ok'
  const to = `${local}+${random.below(1_000_000)}@customers.example`
  const provider = random.pick(['sms', 'twilio', 'greenapi', 'smtp', 'sendgrid', 'resend'])
  if (provider === 'sms') return { action: 'sendSMS', params: { to: phone, body: key } }
  if (provider === 'twilio' || provider === 'greenapi')
    return { action: 'sendWhatsApp', params: { to: phone, body: key, provider } }
  return { action: 'sendEmail', params: { to, subject: key, body: key, provider } }
}
