import { randomUUID } from 'node:crypto'
import type { ProviderName, SandboxLine } from './line.ts'
import type { Outages } from './outages.ts'
import type { Post } from './post.ts'
import type { Recent } from './recent.ts'
import type { Story } from './stories.ts'

/** One message that a provider accepted. */
export interface ReceivedMessage {
  provider: ProviderName
  channel: 'email' | 'whatsapp' | 'sms'
  /** The id that the provider gave it; for SMTP the Message-ID header. */
  id: string
  /** The first recipient, whose story this is: a bare email address, or E.164. */
  to: string
  from: string
  subject?: string
  text?: string
  html?: string
  /** When it was accepted, ISO 8601. */
  at: string
  story: Story
  /** Lower-case names. */
  headers: Record<string, string>
  /** What the sender attached to recognise the message: custom args, tags, the StatusCallback. */
  references: Record<string, string>
}

/** What all the fake providers share. */
export interface World {
  now(): Date
  /** The usual wait before a webhook. */
  delayMs: number
  /** How long the story `timeout` stays silent before it cuts the line. */
  holdMs: number
  /** Where the server under test listens for webhooks, without a trailing slash. */
  baseUrl: string | undefined
  received: Recent<ReceivedMessage>
  /** Which addresses have already been turned away by the story `busy`. */
  turnedAway: Recent<true>
  outages: Outages
  post: Post
  log(line: SandboxLine): void
}

/** Notes a message as accepted. */
export function keep(world: World, message: Omit<ReceivedMessage, 'at'>): void {
  const { provider, channel, from, to, subject, text, story } = message
  // Never keyed by the id alone: the same Message-ID sent twice is exactly what a test wants to see.
  world.received.set(randomUUID(), { ...message, at: world.now().toISOString() })
  const title = (subject ?? text ?? '').slice(0, 60).replaceAll(/\s+/g, ' ')
  world.log({
    event: 'message_accepted',
    provider,
    text: `${channel} ${from} -> ${to} "${title}" (story: ${story})`,
  })
}

export type Obstacle = 'refused' | 'busy' | 'down'

/** What keeps a provider from accepting a message. `busy` is so only the first time for an address. */
export function obstacle(
  world: World,
  provider: ProviderName,
  address: string,
  story: Story,
): Obstacle | undefined {
  if (story === 'refused' || story === 'down') return story
  const key = `${provider} ${address}`
  if (story !== 'busy' || world.turnedAway.get(key)) return undefined
  world.turnedAway.set(key, true)
  return 'busy'
}

/** The URL of one of the server's webhooks; undefined, with a line saying so, while nobody listens. */
export function webhookUrl(world: World, provider: ProviderName, path: string): string | undefined {
  if (world.baseUrl !== undefined) return world.baseUrl + path
  const text = `${path}: no BASE_URL is set, so nobody can be told (POST /sandbox/base-url)`
  world.log({ event: 'webhook_skipped', provider, text })
  return undefined
}
