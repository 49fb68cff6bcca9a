import { createHash } from 'node:crypto'
import { query } from '../postgres/query.ts'
import { type Figures, nothing } from './account.ts'
import { createFuzzer, type FuzzedWebhook } from './fuzz-bodies.ts'
import type { Json } from './mutate.ts'
import { post } from './signed.ts'
import { type ChaosWorld, type Drill, startChaosWorld } from './world.ts'

const bodies = 10_000
const round = 500
const connections = 12

/** Ten thousand mutated webhooks with a true signature: each is answered 2xx, and everything in them is kept. */
export async function fuzzDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const wanted = Math.round(bodies * share)
  const world = await startChaosWorld(postgres, 1)
  const figures: Figures = { ...nothing, name: 'fuzz', wrong: [], notes: [] }
  try {
    const server = await world.boot(0)
    const next = createFuzzer(random, world.baseUrl)
    const kept = createKept(world)
    for (let done = 0; done < wanted; done += round) {
      const fuzzed = Array.from({ length: Math.min(round, wanted - done) }, next)
      await postAll(world, fuzzed, figures)
      await world.drained()
      await kept.read()
      for (const webhook of fuzzed) judge(webhook, kept, figures)
      if (!server.running()) throw new Error(`chaos: the server crashed: ${server.errors.join('\n')}`)
      say(`${done + fuzzed.length} of ${wanted} fuzzed webhooks`)
    }
    const unread = server.facts.get('item_reading_failed') ?? 0
    figures.notes.push(
      `${wanted} webhooks: ${kept.events} kept raw, ${kept.quarantined} quarantined, ${kept.repeats} repeats of an id`,
    )
    if (unread > 0)
      figures.notes.push(
        `${unread} items were kept although our reading failed: ${server.errors.at(-1)?.slice(0, 600)}`,
      )
    return figures
  } finally {
    await world.close()
  }
}

async function postAll(world: ChaosWorld, fuzzed: readonly FuzzedWebhook[], figures: Figures): Promise<void> {
  const left = [...fuzzed]
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) {
        const { provider, body } = one.webhook
        const response = await post(world.baseUrl, one.webhook)
        if (response?.ok) continue
        const start = body.toString().slice(0, 300)
        figures.wrong.push(`${provider} was answered ${response?.status ?? 'nothing'} for ${start}`)
      }
    }),
  )
}

/** Counts each item of a webhook as kept or lost. */
function judge({ webhook, items }: FuzzedWebhook, kept: Kept, figures: Figures): void {
  const whole = kept.hasBytes(webhook.body)
  // Not JSON at all, an empty batch, or a batch without objects: only its bytes, or nothing, can be kept.
  const parts = items ?? [undefined]
  for (const part of parts) {
    figures.acknowledged++
    if (whole || (part !== undefined && kept.has(part))) figures.kept++
    else {
      figures.lost++
      figures.wrong.push(
        `${webhook.provider}: not kept: ${(JSON.stringify(part) ?? webhook.body.toString()).slice(0, 300)}`,
      )
    }
  }
}

type Kept = ReturnType<typeof createKept>

/** What the database has kept, by content. */
function createKept(world: ChaosWorld) {
  let lastEvent = 0
  let lastQuarantined = 0
  const contents = new Set<string>()
  const bytes = new Set<string>()
  const ids = new Set<string>()
  const counts = { events: 0, quarantined: 0, repeats: 0 }
  return {
    get events() {
      return counts.events
    },
    get quarantined() {
      return counts.quarantined
    },
    get repeats() {
      return counts.repeats
    },
    async read(): Promise<void> {
      const events = await query(
        world.databaseUrl,
        `select id, raw, raw_text from message_events where id > ${lastEvent} order by id`,
      )
      for (const { id, raw, raw_text: exact } of events) {
        lastEvent = Number(id)
        const content = typeof exact === 'string' ? JSON.parse(exact) : raw
        contents.add(digest(canonical(content)))
        for (const known of idsOf(content)) ids.add(known)
      }
      const quarantined = await query(
        world.databaseUrl,
        `select id, bytes from quarantined_events where id > ${lastQuarantined} order by id`,
      )
      for (const row of quarantined) {
        lastQuarantined = Number(row.id)
        const kept = Buffer.from(row.bytes instanceof Uint8Array ? row.bytes : [])
        bytes.add(digest(kept))
      }
      counts.events += events.length
      counts.quarantined += quarantined.length
    },
    hasBytes: (body: Buffer) => bytes.has(digest(body)),
    has(item: Json): boolean {
      if (contents.has(digest(canonical(item))) || bytes.has(digest(JSON.stringify(item)))) return true
      // Two mutations may have made the same id of two: by the provider's own word the second repeats the first.
      const repeat = idsOf(item).some((id) => ids.has(id))
      if (repeat) counts.repeats++
      return repeat
    },
  }
}

function idsOf(item: unknown): string[] {
  if (typeof item !== 'object' || item === null) return []
  const named = new Map(Object.entries(item))
  const ids = ['sg_event_id', 'MessageSid', 'SmsSid', 'idMessage']
    .filter((name) => typeof named.get(name) === 'string' && named.get(name) !== '')
    .map((name) => `${name} ${named.get(name)}`)
  // Green-API's word about an instance has no id: its time and the state are what tell one from another.
  return named.has('stateInstance')
    ? [...ids, JSON.stringify([named.get('timestamp'), named.get('stateInstance')])]
    : ids
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([left], [right]) => (left < right ? -1 : 1)))
      : entry,
  )
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
