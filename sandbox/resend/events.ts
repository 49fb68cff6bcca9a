import { createHmac, randomBytes } from 'node:crypto'
import { credentials } from '../credentials.ts'
import { play, type Step, stepTimes } from '../play.ts'
import type { Delivery, Retry } from '../post.ts'
import type { Story } from '../stories.ts'
import { type World, webhookUrl } from '../world.ts'
import { addressIn, domainOf, type Email } from './order.ts'
import type { Suppressions } from './suppressions.ts'

/** One accepted email in Resend's books. */
export interface ResendRecord {
  id: string
  createdAt: Date
  email: Email
  lastEvent: string
}

interface Turn {
  type: string
  detail?: Record<string, unknown>
}

/** Lets an email's story happen; resolves when the API may answer. */
export function playEmail(
  world: World,
  record: ResendRecord,
  story: Story,
  suppressions: Suppressions,
): Promise<void> {
  const course = turns(story, domainOf(record.email.from)?.openTracking === true)
  const times = stepTimes(world, story, course.length, 1)
  const steps: Step[] = course.map((turn, index) => {
    // Made once: repeats and retries of an event bear the same svix-id.
    const id = `msg_${randomBytes(20).toString('base64url').slice(0, 27)}`
    const body = bodyOf(record, turn, times[index] ?? world.now())
    return {
      happen() {
        record.lastEvent = turn.type.replace('email.', '')
        suppressed(suppressions, record, turn)
      },
      tell: () => tell(world, id, body, turn.type),
    }
  })
  return play(world, story, steps)
}

function suppressed(suppressions: Suppressions, { id, email }: ResendRecord, { type, detail }: Turn): void {
  const address = addressIn(email.to[0] ?? '')?.toLowerCase()
  if (address === undefined) return
  if (type === 'email.complained') suppressions.add('complaint', address, id)
  if (type === 'email.bounced' && JSON.stringify(detail).includes('"Permanent"'))
    suppressions.add('bounce', address, id)
}

function turns(story: Story, opens: boolean): Turn[] {
  const sent = { type: 'email.sent' }
  const delivered = { type: 'email.delivered' }
  switch (story) {
    case 'bounce':
      return [sent, bounced('Permanent', 'General', '550 5.1.1 The email account does not exist')]
    case 'full':
      return [
        sent,
        { type: 'email.delivery_delayed' },
        bounced('Transient', 'MailboxFull', '552 5.2.2 The email account is over quota'),
      ]
    case 'blocked':
      return [sent, bounced('Transient', 'ContentRejected', '554 5.7.1 Message blocked by policy')]
    case 'spam':
      return [sent, delivered, { type: 'email.complained' }]
    default:
      return [sent, delivered, ...(opens ? [{ type: 'email.opened' }] : [])]
  }
}

function bounced(type: string, subType: string, reply: string): Turn {
  const message = "The recipient's mail server rejected the message."
  return {
    type: 'email.bounced',
    detail: { bounce: { type, subType, message, diagnosticCode: [`smtp; ${reply}`] } },
  }
}

function bodyOf({ id, createdAt, email }: ResendRecord, { type, detail }: Turn, at: Date): string {
  const tags = email.tags?.length
    ? Object.fromEntries(email.tags.map(({ name, value }) => [name, value]))
    : undefined
  const headers = email.headers && Object.entries(email.headers).map(([name, value]) => ({ name, value }))
  return JSON.stringify({
    type,
    // The outer clock is the event's, the inner one the message's. A person sees after a while that there is mail.
    created_at: new Date(at.getTime() + (type === 'email.opened' ? 20_000 : 0)).toISOString(),
    data: {
      created_at: pgTime(createdAt),
      email_id: id,
      from: email.from,
      to: email.to,
      subject: email.subject,
      ...(headers && { headers }),
      ...(tags && { tags }),
      ...detail,
    },
  })
}

/** Resend shows a message's clock as Postgres prints it. */
export function pgTime(date: Date): string {
  return date.toISOString().replace('Z', '000+00:00')
}

async function tell(world: World, id: string, body: string, tells: string): Promise<void> {
  const url = webhookUrl(world, 'resend', '/webhooks/resend')
  if (url === undefined) return
  const delivery: Delivery = {
    provider: 'resend',
    url,
    tells,
    timeoutMs: 15_000,
    request: () => ({ headers: signed(id, world.now(), body), body }),
  }
  await world.post.send(delivery, retryOf(world.delayMs))
}

/** Svix's scheme: HMAC-SHA256 over `id.timestamp.body`; the time is the attempt's. */
function signed(id: string, now: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000))
  const secret = Buffer.from(credentials.resend.webhookSecret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'user-agent': 'Svix-Webhooks/1.24.0 (sender-9YMgn; +https://www.svix.com/http-sender/)',
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': `v1,${signature}`,
  }
}

/** Really at once, after 5 s, 5 min, 30 min … 10 h; here a few times, scaled. */
function retryOf(delayMs: number): Retry {
  return ({ status }, attempt) => {
    const kept = status !== null && status >= 200 && status < 300
    return kept || attempt > 4 ? undefined : Math.max(delayMs, 50) * (attempt - 1)
  }
}
