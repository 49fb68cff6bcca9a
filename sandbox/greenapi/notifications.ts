import { credentials } from '../credentials.ts'
import type { Delivery } from '../post.ts'
import { type World, webhookUrl } from '../world.ts'

/** The instance's one line of notifications. */
export interface Notifications {
  /** Puts one at the end; resolves after its first attempt. */
  push(notification: Notification): Promise<number | null>
}

export type Notification = { typeWebhook: string } & Record<string, unknown>

interface Waiting {
  notification: Notification
  tried(status: number | null): void
}

const mostAttempts = 20

/**
 * First in, first out, and the head blocks: only the status 200 counts, and anything else is sent again after a pause
 * before the next one has its turn (green-api/issues#833). For 24 h every 60 s really; here 20 times, scaled.
 */
export function createNotifications(world: World): Notifications {
  const line: Waiting[] = []
  let draining = false

  async function drain(): Promise<void> {
    for (let head = line[0]; head !== undefined; head = line[0]) {
      await deliver(world, head)
      line.shift()
    }
    draining = false
  }

  return {
    push(notification) {
      return new Promise((tried) => {
        line.push({ notification, tried })
        if (draining) return
        draining = true
        world.post.track(drain())
      })
    },
  }
}

async function deliver(world: World, { notification, tried }: Waiting): Promise<void> {
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const url = webhookUrl(world, 'greenapi', '/webhooks/greenapi')
    if (url === undefined) return tried(null)
    const { status } = await world.post.attempt(bearing(url, notification), attempt)
    tried(status)
    if (status === 200) return
    await world.post.pause(Math.max(world.delayMs, 50))
  }
}

/** No signature: a bearer token is all that Green-API proves itself with. */
function bearing(url: string, notification: Notification): Delivery {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GREEN-API',
    authorization: `Bearer ${credentials.greenapi.webhookToken}`,
  }
  const body = JSON.stringify(notification)
  const tells = typeof notification.status === 'string' ? notification.status : notification.typeWebhook
  return { provider: 'greenapi', url, tells, timeoutMs: 180_000, request: () => ({ headers, body }) }
}
