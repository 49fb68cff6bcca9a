import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { query } from '../postgres/query.ts'
import type { Random } from '../random.ts'
import { fromSendgrid, post, type Signed, sendgridEvent } from './signed.ts'
import { until } from './until.ts'
import type { ChaosWorld } from './world.ts'

const messages = 20
const connections = 64
const mostRounds = 6
const kinds = ['deferred', 'delivered', 'open', 'click', 'bounce', 'spamreport'] as const
const factsSql = `
  select id, num_nonnulls(
    deferred_at, delivered_at, coalesce(opened_at, machine_opened_at), coalesce(clicked_at, machine_clicked_at), bounced_at, complained_at
  ) as facts
  from messages`
const idsSql = 'select id, provider_message_id as theirs from messages where provider_message_id is not null'
const sentAnswer = z.object({ messageId: z.string() })
interface Sent {
  messageId: string
  entityId: string
  to: string
}

/**
 * Trial 25: 64 connections tell, in every order, of the same 20 messages. Each webhook holds all of them, shuffled, so that
 * each transaction wants the same rows.
 */
export async function sameMessages(
  world: ChaosWorld,
  random: Random,
  share: number,
): Promise<{ wrong: string[]; notes: string[] }> {
  const sends = await allSent(world)
  const wrong: string[] = []
  const rounds = Math.max(1, Math.round(mostRounds * share))
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      const { url } = world.servers[connection % world.servers.length] ?? { url: world.baseUrl }
      for (let round = 0; round < rounds; round++) {
        const { webhook, markers } = shuffledNews(sends, connection + round, random)
        for (const marker of markers) world.ledger.events.set(marker, false)
        const response = await post(url, webhook)
        if (response?.status === 200) for (const marker of markers) world.ledger.events.set(marker, true)
        else wrong.push(`a webhook about the same messages was answered ${response?.status ?? 'nothing'}`)
      }
    }),
  )
  const tookMs = Math.round(performance.now() - startedAt)
  await world.drained()
  const ours = new Set(sends.map(({ messageId }) => messageId))
  const rows = (await query(world.databaseUrl, factsSql)).filter(({ id }) => ours.has(String(id)))
  const short = rows.filter(({ facts }) => Number(facts) !== kinds.length)
  wrong.push(...short.map(({ id, facts }) => `message ${id} has ${facts} of ${kinds.length} facts`))
  if (rows.length !== messages) wrong.push(`${rows.length} of ${messages} messages are there`)
  for (const { facts, errors } of world.servers) {
    const failed = facts.get('commit_failed') ?? 0
    if (failed > 0)
      wrong.push(
        `${failed} commits failed: ${errors.filter((line) => line.includes('commit_failed')).at(-1)}`,
      )
  }
  const webhooks = connections * rounds
  return {
    wrong,
    notes: [`trial 25: ${webhooks} webhooks about the same ${messages} messages in ${tookMs} ms`],
  }
}

/** After such a load their provider may have said "too many", so that some go out a little later. */
async function allSent(world: ChaosWorld): Promise<Sent[]> {
  const asked = await Promise.all(Array.from({ length: messages }, () => send(world)))
  const sends: Sent[] = []
  await until('the same messages are sent', async () => {
    const rows = await query(world.databaseUrl, idsSql)
    const theirs = new Map(rows.map(({ id, theirs }) => [String(id), String(theirs)]))
    sends.length = 0
    for (const one of asked) {
      const entityId = theirs.get(one.messageId)
      if (entityId !== undefined) sends.push({ ...one, entityId })
    }
    return sends.length === messages
  })
  return sends
}

async function send(world: ChaosWorld): Promise<Omit<Sent, 'entityId'>> {
  const key = `chaos-${randomUUID()}`
  const to = `silent+${randomUUID()}@customers.example`
  const response = await fetch(`${world.baseUrl}/api/max/actions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${world.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      action: 'sendEmail',
      params: { to, subject: key, body: 'x', provider: 'sendgrid' },
    }),
  })
  const answer = sentAnswer.parse(await response.json())
  world.ledger.sends.set(key, answer.messageId)
  return { ...answer, to }
}

/** One fact about each message, each message's its own, in an order of its own. */
function shuffledNews(
  sends: readonly Sent[],
  turn: number,
  random: Random,
): { webhook: Signed; markers: string[] } {
  const events = sends.map(({ entityId, to }, index) => ({
    ...sendgridEvent(randomUUID()),
    email: to,
    event: kinds[(turn + index) % kinds.length],
    sg_message_id: `${entityId}.filterdrecv-5f6c7b8d9-abcde-1-65A0F3B2-1.0`,
    url: 'https://example.com/',
  }))
  const shuffled = events.map((event) => ({ event, rank: random.next() })).sort((a, b) => a.rank - b.rank)
  return {
    webhook: fromSendgrid(Buffer.from(JSON.stringify(shuffled.map(({ event }) => event)))),
    markers: events.map(({ sg_event_id: marker }) => marker),
  }
}
