import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { readConfig } from '#src/config.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { schemaMismatch } from '#src/store/migrate.ts'
import { openDatabase } from '#src/store/open.ts'
import { batchRows } from '#src/store/rows.ts'
import { createStore, type Store } from '#src/store/store.ts'
import { runCommand } from './command.ts'
import { type Month, month, type Seeded } from './seed/month.ts'

const usage = `usage: npm run seed [-- --tenant demo] [--days 30] [--a-day 40] [--seed 1]
  fills the configured database with a plausible month: messages in and out, of every status; nothing is sent
  --tenant  whose they are
  --days    how many days, until now       --a-day  how many messages a day
  --seed    another number, other messages; the same number again adds nothing`

const together = 50
/** What is under way stays so for as long as somebody looks at it. */
const leaseSeconds = 30 * 86_400

type Wish = Omit<Month, 'now'>

function wished(): Wish {
  const { values } = parseArgs({
    options: {
      tenant: { type: 'string', default: 'demo' },
      days: { type: 'string', default: '30' },
      'a-day': { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
    },
  })
  const number = (name: 'days' | 'a-day' | 'seed', most: number) => {
    const value = Number(values[name])
    if (Number.isInteger(value) && value > 0 && value <= most) return value
    throw new TypeError(`seed: --${name} must be a whole number from 1 to ${most}`)
  }
  return {
    tenantId: values.tenant,
    days: number('days', 400),
    aDay: number('a-day', 10_000),
    seed: number('seed', 1_000_000),
  }
}

/** `npm run seed`: something to show in lists and counts, on a copy that is worked on. */
async function seed(wish: Wish): Promise<void> {
  readDotenv({ quiet: true })
  const config = readConfig(process.env)
  if (config.production)
    throw new ConfigurationError('seed: not in production (NODE_ENV): it invents messages')
  const store = createStore(await openDatabase({ ...config.database, dataDir: config.dataDir }))
  try {
    const mismatch = await schemaMismatch(store)
    if (mismatch !== undefined) throw new ConfigurationError(mismatch)
    const { messages, events } = await fill(store, wish)
    console.log(
      `${store.name}: ${messages} messages and ${events} events of the tenant ${wish.tenantId} added`,
    )
    console.log('Next: npm start, or npm run sql')
  } finally {
    await store.close()
  }
}

async function fill(store: Store, wish: Wish): Promise<{ messages: number; events: number }> {
  const done = { messages: 0, events: 0 }
  let batch: Seeded[] = []
  let looked = 0
  const write = async () => {
    if (batch.length === 0) return
    const added = await addAll(store, batch)
    done.messages += added.messages
    done.events += added.events
    batch = []
  }
  for (const one of month({ ...wish, now: new Date() })) {
    batch.push(one)
    looked++
    if (batch.length === together) {
      await write()
      if (looked % 500 === 0) console.error(`  ${looked} messages …`)
    }
  }
  await write()
  return done
}

/** Adds those that are not there yet, with all that was told of them. Nothing follows from it. */
async function addAll(store: Store, batch: readonly Seeded[]): Promise<{ messages: number; events: number }> {
  const reservations = await store.reserveMessages(
    batch.map(({ message, at }) => {
      const key = `seed:${message.message.id}`
      const limits = { hour: undefined, recipientDay: undefined }
      const idempotency = { key, requestHash: key }
      return { message, options: { idempotency, limits, owner: 'seed', leaseSeconds, now: at } }
    }),
  )
  const added = batch.filter((_, index) => reservations[index]?.outcome !== 'repeat')
  const rows = batchRows({
    events: added.flatMap(({ events }) => events.map((event) => ({ event, requestId: undefined }))),
    outcomes: added.flatMap(({ outcome }) => outcome ?? []),
  })
  const { recorded } = await store.recordRows(rows, { effects: false })
  for (const { message, end } of added)
    if (end === 'cancelled') await store.cancelMessage(message.message.id, message.message.tenantId)
  return { messages: added.length, events: recorded }
}

await runCommand({ usage, read: wished, run: seed })
