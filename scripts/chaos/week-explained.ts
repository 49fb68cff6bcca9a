import { z } from 'zod'
import type { Story } from '#sandbox/stories.ts'
import { query } from '../postgres/query.ts'
import type { Asked } from './week-traffic.ts'
import type { ChaosWorld } from './world.ts'

const row = z.object({
  key: z.string(),
  channel: z.string(),
  recipient: z.string(),
  status: z.string(),
  error_code: z.string().nullable(),
  told: z.boolean(),
  arrived: z.boolean(),
})
type Row = z.infer<typeof row>

/** Stories that end with a delivery, of which every provider but plain SMTP tells, or answers when it is asked. */
const endsWell: readonly Story[] = ['ok', 'twice', 'reverse', 'late', 'early', 'busy', 'oui', 'non', 'stop']
/** These have no look-up: a webhook that was told while nobody listened is told again for hours, which no drill waits for. */
const toldOnly: readonly string[] = ['smtp', 'sendgrid']
const withdrawnSoonMs = 3_000

/** Each message that was asked for: sent, or not sent with a reason that its caller or its timeline has. */
export async function explained(
  world: ChaosWorld,
  asked: ReadonlyMap<string, Asked>,
): Promise<{ wrong: string[]; notes: string[] }> {
  const rows = z.array(row).parse(
    await query(
      world.databaseUrl,
      `select substring(coalesce(m.subject, '') || ' ' || coalesce(m.text, '') from 'chaos-[0-9a-f-]{36}') as key, m.channel, m.recipient, m.status, m.error_code,
         exists (
           select from message_events e
           where e.message_id = m.id and e.type in ('failed', 'rejected', 'bounced', 'cancelled', 'unknown')
         ) as told,
         num_nonnulls(m.delivered_at, m.read_at, m.opened_at) > 0 as arrived
       from messages m where m.direction = 'outbound'`,
    ),
  )
  const byKey = new Map(rows.map((one) => [one.key, one]))
  const sent = new Set(
    world.sandbox
      .received()
      .map(({ subject, text }) => /chaos-[0-9a-f-]{36}/.exec(`${subject} ${text}`)?.[0] ?? ''),
  )
  const wrong = [...asked].flatMap(([key, one]) => whatIsWrong(key, one, byKey.get(key), sent.has(key)))
  wrong.push(...(await writtenToAfterStop(world)))
  const notSent = rows.filter(({ key }) => !sent.has(key))
  const refused = [...asked.keys()].filter((key) => !byKey.has(key)).length
  return {
    wrong,
    notes: [
      `${asked.size} messages to 300 people: ${sent.size} sent, ${notSent.length} not sent with their reason (${counted(notSent)}), ${refused} refused at the door`,
    ],
  }
}

function whatIsWrong(
  key: string,
  { provider, story, status, code }: Asked,
  row: Row | undefined,
  sent: boolean,
) {
  const what = `${key} by ${provider} (${story})`
  if (!row) {
    if (sent) return [`${what} went out, and is not there`]
    return status >= 400 && status < 500 && code
      ? []
      : [`${what} is not there, and its caller was told ${status} ${code ?? 'without a code'}`]
  }
  if (sent) {
    const silent =
      endsWell.includes(story) && !toldOnly.includes(provider) && !row.arrived && row.status !== 'unknown'
    return silent ? [`${what} arrived, and is shown as ${row.status}`] : []
  }
  const callerKnows = status >= 400 && code !== undefined
  if (row.error_code === null) return [`${what} was not sent, is ${row.status} and says no reason`]
  return callerKnows || row.told || row.status === 'unknown'
    ? []
    : [`${what} was not sent (${row.error_code}), and nobody was told`]
}

/** Whoever has said STOP gets nothing more on that channel, from when we know of it. */
async function writtenToAfterStop({ databaseUrl, sandbox }: ChaosWorld): Promise<string[]> {
  const stopped = await query(
    databaseUrl,
    `select channel, address, updated_at from suppressions where active and coalesce(reason, '') not in ('bounced', 'soft_bounces')`,
  )
  return stopped.flatMap(({ channel, address, updated_at: since }) =>
    sandbox
      .received()
      .filter((one) => one.channel === channel && one.to === address)
      .filter(({ at }) => Date.parse(at) > new Date(String(since)).getTime() + withdrawnSoonMs)
      .map(({ at }) => `somebody was written to by ${channel} at ${at}, after they had said STOP`),
  )
}

function counted(rows: readonly Row[]): string {
  const counts = new Map<string, number>()
  for (const { status, error_code: code } of rows)
    counts.set(`${status} ${code}`, (counts.get(`${status} ${code}`) ?? 0) + 1)
  return [...counts].map(([what, count]) => `${count} ${what}`).join(', ')
}
