import type { Sandbox } from '#sandbox/start.ts'
import { createPostgresDatabase } from '#src/store/postgres.ts'
import { createStore } from '#src/store/store.ts'
import { query } from '../postgres/query.ts'
import type { Ledger } from './load.ts'

/** What a drill found; `wrong` says each loss and double in a line. */
export interface Figures {
  name: string
  /** Events that a 2xx acknowledged, and of these in the database once. */
  acknowledged: number
  kept: number
  doubled: number
  lost: number
  /** Sends that a 2xx accepted, messages at the sandbox, of these more than once. */
  accepted: number
  atSandbox: number
  sendsDoubled: number
  sendsLost: number
  /** Visible as a send of unknown outcome. */
  unknown: number
  wrong: string[]
  /** What else the drill has to say. */
  notes: string[]
}

/** The figures of a drill that accounts for other things. */
export const nothing = {
  acknowledged: 0,
  kept: 0,
  doubled: 0,
  lost: 0,
  accepted: 0,
  atSandbox: 0,
  sendsDoubled: 0,
  sendsLost: 0,
  unknown: 0,
} as const satisfies Partial<Figures>

interface Message {
  id: string
  status: string
  providerMessageId: string | undefined
  waits: boolean
  key: string
}

// By what the providers' own words say, not by the column that our unique index is on: a double must show.
// The sid of a message is SM and the digits of its marker.
const eventsSql = `
  select coalesce(raw->>'sg_event_id', raw->'data'->>'email_id', raw->>'idMessage',
      case when raw->>'MessageSid' ~ '^SM[0-9a-f]{32}$' then (substr(raw->>'MessageSid', 3)::uuid)::text end) as marker,
    count(*)::integer as count
  from message_events where source = 'webhook' group by 1`
const messagesSql = `
  select id, status, provider_message_id, next_attempt_at is not null as waits, coalesce(subject, text) as key
  from messages where direction = 'outbound'`

/** Ends the attempts whose servers are dead, as the lease would three minutes later. Call it when no server runs. */
export async function endAttempts(databaseUrl: string): Promise<void> {
  const store = createStore(createPostgresDatabase(databaseUrl, { connections: 1 }))
  await store.endExpiredAttempts(new Date(Date.now() + 3_600_000))
  await store.close()
}

/** Compares what was promised with the database and the sandbox. */
export async function account(
  name: string,
  databaseUrl: string,
  ledger: Ledger,
  sandbox: Sandbox,
): Promise<Figures> {
  const wrong: string[] = []
  const found = new Map<string, number>()
  for (const { marker, count } of await query(databaseUrl, eventsSql))
    found.set(String(marker), Number(count))
  const acknowledged = [...ledger.events]
    .filter(([, acknowledgement]) => acknowledgement)
    .map(([marker]) => marker)
  const lost = acknowledged.filter((marker) => !found.has(marker))
  const doubled = [...ledger.events.keys()].filter((marker) => (found.get(marker) ?? 0) > 1)
  wrong.push(...lost.map((marker) => `event ${marker} was acknowledged and is not there`))
  wrong.push(...doubled.map((marker) => `event ${marker} is there ${found.get(marker)} times`))

  const sent = new Map<string, number>()
  for (const { subject, text } of sandbox.received()) {
    const key = /chaos-[0-9a-f-]{36}/.exec(`${subject} ${text}`)?.[0]
    if (key !== undefined && ledger.sends.has(key)) sent.set(key, (sent.get(key) ?? 0) + 1)
  }
  const messages = (await query(databaseUrl, messagesSql)).map(messageOf)
  const byId = new Map(messages.map((message) => [message.id, message]))
  const accepted = [...ledger.sends].filter(([, id]) => id !== undefined)
  const missing = accepted.filter(([, id = '']) => !byId.has(id)).map(([key]) => `send ${key} has no message`)
  const contradicted = messages.flatMap((message) => contradiction(message, sent.get(message.key) ?? 0))
  const twice = [...sent]
    .filter(([, count]) => count > 1)
    .map(([key, count]) => `send ${key} went out ${count} times`)
  const repeated = messages.length - new Set(messages.map(({ key }) => key)).size
  if (repeated > 0) twice.push(`${repeated} keys have more than one message`)
  wrong.push(...missing, ...contradicted, ...twice)
  return {
    name,
    acknowledged: acknowledged.length,
    kept: acknowledged.length - lost.length,
    doubled: doubled.length,
    lost: lost.length,
    accepted: accepted.length,
    atSandbox: sent.size,
    sendsDoubled: twice.length,
    sendsLost: missing.length + contradicted.length,
    unknown: messages.filter(({ status }) => status === 'unknown' || status === 'sending').length,
    wrong,
    notes: [],
  }
}

/** Why a message's state cannot be true, seeing how often it went out; none where it can. */
function contradiction({ key, status, providerMessageId, waits }: Message, count: number): string[] {
  if (status === 'unknown' || status === 'sending') return []
  if (waits) return count === 0 ? [] : [`send ${key} went out and waits to go out again`]
  if (providerMessageId !== undefined)
    return count > 0 ? [] : [`send ${key} is ${status}, and the provider never had it`]
  const ended = ['failed', 'rejected', 'bounced', 'cancelled'].includes(status)
  if (ended) return count === 0 ? [] : [`send ${key} is ${status}, and went out`]
  return count > 0 && status !== 'queued' ? [] : [`send ${key} is ${status}, and nothing will become of it`]
}

function messageOf(row: Record<string, unknown>): Message {
  return {
    id: String(row.id),
    status: String(row.status),
    providerMessageId: typeof row.provider_message_id === 'string' ? row.provider_message_id : undefined,
    waits: row.waits === true,
    key: String(row.key),
  }
}
