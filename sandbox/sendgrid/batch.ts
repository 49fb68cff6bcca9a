import { createPrivateKey, createSign } from 'node:crypto'
import { credentials } from '../credentials.ts'
import type { Delivery, Retry } from '../post.ts'
import { type World, webhookUrl } from '../world.ts'

/** Events of all messages that wait for the next POST. */
export interface Batch {
  /** `repeated`: the whole batch that this event is in comes twice. */
  add(event: Record<string, unknown>, repeated: boolean): void
  /** Posts what waits; resolves after the first attempt. */
  flush(): Promise<void>
}

const path = '/webhooks/sendgrid'
const mostEvents = 1_000
const key = createPrivateKey({
  key: Buffer.from(credentials.sendgrid.privateKey, 'base64'),
  format: 'der',
  type: 'pkcs8',
})

/** Gathers events for a moment, as SendGrid does for 30 s or 768 KB, and posts them as one signed array. */
export function createBatch(world: World): Batch {
  let events: Record<string, unknown>[] = []
  let repeat = false
  let ticking = false

  async function flush(): Promise<void> {
    const [batch, twice] = [events, repeat]
    events = []
    repeat = false
    const url = batch.length > 0 ? webhookUrl(world, 'sendgrid', path) : undefined
    if (url === undefined) return
    // Real bytes end every event with CR LF: a receiver that verifies re-serialised JSON must fail here.
    const body = `[${batch.map((event) => JSON.stringify(event)).join(',\r\n')}]\r\n`
    const tells = batch.length === 1 ? String(batch[0]?.event) : `${batch.length} events`
    for (let round = 0; round < (twice ? 2 : 1); round++)
      await world.post.send(signed(world, url, body, tells), retryOf(world.delayMs))
  }

  async function tick(): Promise<void> {
    await world.post.pause(Math.max(world.delayMs * 2, 20))
    ticking = false
    await flush()
  }

  return {
    flush,
    add(event, repeated) {
      events.push(event)
      repeat ||= repeated
      if (events.length >= mostEvents) world.post.track(flush())
      else if (!ticking) {
        ticking = true
        world.post.track(tick())
      }
    },
  }
}

function signed(world: World, url: string, body: string, tells: string): Delivery {
  return {
    provider: 'sendgrid',
    url,
    tells,
    timeoutMs: 10_000,
    request() {
      const timestamp = String(Math.floor(world.now().getTime() / 1_000))
      const signature = createSign('sha256').update(timestamp).update(body).sign(key, 'base64')
      const headers = {
        'content-type': 'application/json;charset=utf-8',
        'user-agent': 'SendGrid Event API',
        'x-twilio-email-event-webhook-signature': signature,
        'x-twilio-email-event-webhook-timestamp': timestamp,
      }
      return { headers, body }
    },
  }
}

/** Anything but 2xx comes again, at growing intervals; for 24 h really, four times here. */
function retryOf(delayMs: number): Retry {
  return ({ status }, attempt) => {
    const kept = status !== null && status >= 200 && status < 300
    return kept || attempt > 4 ? undefined : Math.max(delayMs, 50) * 2 ** (attempt - 1)
  }
}
