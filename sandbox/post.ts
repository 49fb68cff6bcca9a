import { setTimeout as pause } from 'node:timers/promises'
import type { ProviderName, SandboxLine } from './line.ts'
import { createRecent } from './recent.ts'

/** One attempt to post one webhook, as `GET /sandbox/webhooks` shows it. */
export interface PostedWebhook {
  provider: ProviderName
  url: string
  /** What it told: `delivered`, `3 events`. */
  told: string
  /** The HTTP status that came back; null: none, see `failure`. */
  status: number | null
  failure: Failure | null
  attempt: number
  at: string
}

/** Why there was no answer: never connected, none in time, or the connection broke. */
export type Failure = 'connect' | 'timeout' | 'broken'

export interface Answer {
  status: number | null
  failure: Failure | null
  contentType: string
}

export interface Delivery {
  provider: ProviderName
  url: string
  tells: string
  timeoutMs: number
  /** Made anew for each attempt (the first is 1): some signatures cover the time of sending. */
  request(attempt: number): { headers: Record<string, string>; body: string }
}

/** Milliseconds until the next attempt; undefined: no further one. */
export type Retry = (answer: Answer, attempt: number) => number | undefined

export interface Post {
  /** One attempt, in its turn; never throws. */
  attempt(delivery: Delivery, number: number): Promise<Answer>
  /** Resolves with the first attempt's answer; retries go on by themselves. */
  send(delivery: Delivery, retry?: Retry): Promise<Answer>
  /** Makes `idle` wait for this work; its failure at closing time is not a failure. */
  track(work: Promise<unknown>): void
  /** Waits; rejects when the sandbox closes. */
  pause(ms: number): Promise<void>
  idle(): Promise<void>
  attempts(): PostedWebhook[]
  forget(): void
  close(): void
}

const atOnce = 50

/** Posts webhooks: at most 50 at a time, every attempt noted. */
export function createPost(options: { now: () => Date; log: (line: SandboxLine) => void }): Post {
  const closing = new AbortController()
  const noted = createRecent<PostedWebhook>()
  const turns = createTurns(atOnce)
  const idlers: (() => void)[] = []
  let working = 0
  let count = 0

  async function attempt(delivery: Delivery, number: number): Promise<Answer> {
    await turns.take()
    const at = options.now().toISOString()
    const answer = await fetched(delivery, number, closing.signal).finally(turns.give)
    if (closing.signal.aborted) return answer
    const { provider, url, tells: told } = delivery
    const { status, failure } = answer
    noted.set(String(count++), { provider, url, told, status, failure, attempt: number, at })
    options.log({
      event: 'webhook_posted',
      provider,
      text: `${told} -> ${url} ${status ?? `no answer (${failure})`}${number > 1 ? `, attempt ${number}` : ''}`,
    })
    return answer
  }

  async function retried(delivery: Delivery, retry: Retry, first: Answer): Promise<void> {
    let answer = first
    for (let number = 2; ; number++) {
      const wait = retry(answer, number - 1)
      if (wait === undefined || closing.signal.aborted) return
      await pause(wait, undefined, { signal: closing.signal })
      answer = await attempt(delivery, number)
    }
  }

  function track(work: Promise<unknown>): void {
    working++
    const done = () => {
      if (--working === 0) for (const resolve of idlers.splice(0)) resolve()
    }
    work.then(done, (error: unknown) => {
      if (!closing.signal.aborted)
        options.log({ event: 'sandbox_failed', provider: 'sandbox', text: String(error) })
      done()
    })
  }

  return {
    attempt,
    async send(delivery, retry) {
      const sending = attempt(delivery, 1)
      track(sending.then((answer) => (retry ? retried(delivery, retry, answer) : undefined)))
      return sending
    },
    track,
    pause: (ms) => pause(ms, undefined, { signal: closing.signal }),
    idle: () => (working === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    attempts: () => noted.values(),
    forget: () => noted.clear(),
    close: () => closing.abort(),
  }
}

async function fetched(delivery: Delivery, attempt: number, closing: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(delivery.url, {
      method: 'POST',
      ...delivery.request(attempt),
      redirect: 'manual',
      signal: AbortSignal.any([closing, AbortSignal.timeout(delivery.timeoutMs)]),
    })
    await response.arrayBuffer()
    return { status: response.status, failure: null, contentType: response.headers.get('content-type') ?? '' }
  } catch (error) {
    return { status: null, failure: failureOf(error), contentType: '' }
  }
}

const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function failureOf(error: unknown): Failure {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout'
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && neverConnected.has(at.code)) return 'connect'
  return 'broken'
}

/** Lets `limit` in at a time, the others wait in line. */
function createTurns(limit: number) {
  const waiting: (() => void)[] = []
  let taken = 0
  return {
    async take(): Promise<void> {
      if (taken < limit) taken++
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    give(): void {
      const next = waiting.shift()
      if (next) next()
      else taken--
    },
  }
}
