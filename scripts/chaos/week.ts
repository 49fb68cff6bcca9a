import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { query } from '../postgres/query.ts'
import { unpackReleaseBefore, whyNoReleaseBefore } from '../release-before.ts'
import type { Figures } from './account.ts'
import { accountOnTime } from './on-time.ts'
import { migrateHere, type Postgres } from './postgres.ts'
import { until } from './until.ts'
import { explained } from './week-explained.ts'
import { startTraffic } from './week-traffic.ts'
import { type ChaosWorld, type Drill, startChaosWorld } from './world.ts'

/** A week at ten thousand times its speed. */
const daySeconds = 8.64
/** About three hundred messages a day. */
const perSecond = 35
const leastPerSecond = 8
/** What is due may be late by as long as a provider that took nothing is left alone, and by what follows an outage. */
const latestSeconds = 45

interface Tools {
  world: ChaosWorld
  postgres: Postgres
  /** A part of a day. */
  later: (part: number) => Promise<void>
}

/** What each day brings; the first half of the week runs the release before, where that is to be had. */
const days: readonly { what: string; happens: (tools: Tools) => Promise<void> }[] = [
  { what: 'an ordinary day', happens: async () => {} },
  { what: 'the mail server takes nothing, and Green-API’s phone is logged out', happens: providersAway },
  { what: 'the database is away', happens: databaseAway },
  { what: 'an upgrade', happens: upgrade },
  { what: 'the server is killed, twice', happens: killed },
  { what: 'Twilio hangs, SendGrid and Resend are down', happens: providersDown },
  { what: 'the server and the database end at once', happens: bothAway },
]

/**
 * A week of a small company's traffic against every bad story of the sandbox, with outages, restarts and an upgrade. At its end each
 * message of each person is accounted for: sent once, or not sent with a reason that somebody was told.
 */
export async function weekDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const whyNot = whyNoReleaseBefore()
  const before = whyNot === undefined ? unpackReleaseBefore() : undefined
  const migrateTo = before && (async (url: string) => before.migrate(url))
  const world = await startChaosWorld(postgres, 1, undefined, migrateTo)
  const later = (part: number) => pause(daySeconds * 1_000 * part * Math.max(share, 0.2))
  try {
    await world.boot(0, [], before && join(before.folder, 'src/server.ts'))
    const traffic = startTraffic(world, random, Math.max(perSecond * share, leastPerSecond))
    for (const [day, { what, happens }] of days.entries()) {
      await later(0.3)
      await happens({ world, postgres, later })
      await later(0.7)
      say(`day ${day + 1}: ${what}, ${traffic.asked.size} messages so far`)
    }
    await traffic.stop()
    await timePasses(world)
    const figures = await accountOnTime('week', world, [], { latestSeconds, killed: true })
    const { wrong, notes } = await explained(world, traffic.asked)
    figures.wrong.push(...wrong)
    figures.notes.push(...notes)
    figures.notes.push(whyNot ? `upgraded from this release (${whyNot})` : 'upgraded from the release before')
    return figures
  } finally {
    await world.close()
    before?.remove()
  }
}

async function providersAway({ world, later }: Tools): Promise<void> {
  world.sandbox.outage({ provider: 'smtp', kind: 'refuse' })
  await world.sandbox.setGreenapiState('notAuthorized')
  await later(0.3)
  world.sandbox.endOutages()
  await world.sandbox.setGreenapiState('authorized')
}

async function providersDown({ world, later }: Tools): Promise<void> {
  world.sandbox.outage({ provider: 'twilio', kind: 'timeout' })
  world.sandbox.outage({ provider: 'sendgrid', kind: 'down' })
  world.sandbox.outage({ provider: 'resend', kind: 'down' })
  await later(0.2)
  world.sandbox.endOutages()
}

async function databaseAway({ postgres, later }: Tools): Promise<void> {
  await postgres.crash()
  await later(0.3)
  await postgres.start()
}

/** Migrated under the release that runs, as docs/operating.md has it. */
async function upgrade({ world }: Tools): Promise<void> {
  await migrateHere(world.databaseUrl)
  await world.servers[0]?.stop()
  await world.boot(0)
}

async function killed({ world, later }: Tools): Promise<void> {
  for (const part of [0.2, 0.1]) {
    await world.servers[0]?.kill()
    await world.boot(0)
    await later(part)
  }
}

async function bothAway({ world, postgres, later }: Tools): Promise<void> {
  await postgres.crash()
  await later(0.1)
  await world.servers[0]?.kill()
  await postgres.start()
  await world.boot(0)
}

/**
 * The pauses of a week pass: whatever is to be tried again or asked for later is due now, until nothing waits any more. A check is
 * counted before its provider is asked: only the second says that the first has its answer.
 */
async function timePasses({ databaseUrl, sandbox, drained }: ChaosWorld): Promise<void> {
  await sandbox.idle()
  await drained()
  await until(
    'nothing waits any more',
    async () => {
      const [row] = await query(
        databaseUrl,
        `with leases as (update message_attempts set lease_until = now() where ended_at is null and begun_at < now() - interval '35 seconds'),
          due as (update messages set next_attempt_at = now() where next_attempt_at > now() + interval '1 second'),
          asked as (update messages set check_at = now() where check_at > now() and checks < 2 and status not in ('delivered', 'read', 'opened', 'clicked'))
         select (select count(*) from messages where next_attempt_at is not null or phase = 'sending')::integer as waiting,
           (select count(*) from messages where check_at is not null and checks < 2 and status not in ('delivered', 'read', 'opened', 'clicked'))::integer as unasked`,
      )
      await pause(1_000)
      return Number(row?.waiting) + Number(row?.unasked) === 0
    },
    180_000,
  )
  await drained()
}
