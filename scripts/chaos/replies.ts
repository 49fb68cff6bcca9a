import { randomUUID } from 'node:crypto'
import { query } from '../postgres/query.ts'
import { type Figures, nothing } from './account.ts'
import { oddities, startOddApi } from './oddities.ts'
import { abandonedAttempts } from './reminders.ts'
import { type ChaosWorld, type Drill, startChaosWorld } from './world.ts'

const ways = [
  { action: 'sendSMS', params: { to: '+33612345670' } },
  { action: 'sendWhatsApp', params: { to: '+33612345670', provider: 'twilio' } },
  { action: 'sendWhatsApp', params: { to: '+33612345670', provider: 'greenapi' } },
  { action: 'sendEmail', params: { to: 'odd@customers.example', subject: 'odd', provider: 'sendgrid' } },
  { action: 'sendEmail', params: { to: 'odd@customers.example', subject: 'odd', provider: 'resend' } },
]
/** A provider may ask for an hour at most, and a quarter is added by chance. */
const longestWaitSeconds = 3_600 * 1.25 + 60

/** Every oddity of `oddities` from every provider: whatever it answers, the message is kept, its attempt ends, and its wait does. */
export async function repliesDrill({ postgres, say }: Drill): Promise<Figures> {
  const api = await startOddApi()
  const world = await startChaosWorld(postgres, 1)
  const wrong: string[] = []
  try {
    await world.boot(0, [
      'env',
      ...Object.entries(api.environment).map(([name, value]) => `${name}=${value}`),
    ])
    for (const name of oddities.keys()) {
      wrong.push(...(await Promise.all(ways.map((way) => sendAsOdd(world, way, name)))).flat())
      say(name)
    }
    await world.drained()
    const forNobody = await abandonedAttempts(world.databaseUrl)
    if (forNobody > 0) wrong.push(`${forNobody} attempts did not end`)
    const late = await query(
      world.databaseUrl,
      `select provider, error_code from messages
       where next_attempt_at > now() + interval '${longestWaitSeconds} seconds'`,
    )
    for (const row of late) wrong.push(`${row.provider} waits for too long after ${row.error_code}`)
    const aside = await count(world, 'from quarantined_events')
    if (aside > 0) wrong.push(`${aside} outcomes were set aside`)
    if (api.elsewhere() > 0) wrong.push('a redirect was followed')
    await world.servers[0]?.stop()
    const sends = oddities.size * ways.length
    const kept = await count(world, 'from messages')
    if (kept !== sends) wrong.push(`${sends} were sent, and ${kept} are kept`)
    return {
      ...nothing,
      name: 'replies',
      accepted: kept,
      sendsLost: sends - kept,
      unknown: await count(world, `from messages where status = 'unknown'`),
      wrong,
      notes: [`${oddities.size} oddities from ${ways.length} ways to send`],
    }
  } finally {
    await world.close()
    await api.close()
  }
}

async function count({ databaseUrl }: ChaosWorld, from: string): Promise<number> {
  const [row] = await query(databaseUrl, `select count(*)::integer as count ${from}`)
  return Number(row?.count)
}

async function sendAsOdd(world: ChaosWorld, way: (typeof ways)[number], name: string): Promise<string[]> {
  const params = { ...way.params, body: `oddity:${name} ${randomUUID()}` }
  const response = await fetch(`${world.baseUrl}/api/max/actions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action: way.action, params }),
    signal: AbortSignal.timeout(60_000),
  }).catch(() => undefined)
  const ofWhom = `${way.action} by ${way.params.provider ?? 'twilio'}, ${name}`
  if (!response) return [`${ofWhom}: no answer`]
  return response.status === 500 ? [`${ofWhom}: 500`] : []
}
