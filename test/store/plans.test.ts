import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { jobsOf } from '#src/model/job.ts'
import { batchRows } from '#src/store/rows.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, event, revived } from '#support/facts.ts'

let opened: TestDatabase
let client: pg.Client
// A database and a session each: what one has planned would hide what the other plans.
beforeEach(async () => {
  opened = await testDatabase()
  client = new pg.Client({ connectionString: opened.url })
  await client.connect()
  // Nobody tells the planner how large the tables have become: so it is with PGlite, and everywhere in the first minute.
  for (const table of ['messages', 'message_attempts', 'message_events'])
    await client.query(`alter table ${table} set (autovacuum_enabled = off)`)
})
afterEach(async () => {
  await client.end()
  await opened.drop()
})

const follows = JSON.stringify(jobsOf)

const explained = z.array(
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({ Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }) }),
    ]),
  }),
)

it('trial 23: a commit reads no more when the tables have grown since it was planned', async () => {
  const few = await messages(20)
  for (const id of few.slice(0, 8)) await blocksRead(id)
  const before = await blocksRead(few[8])
  await messages(20_000)
  const after = await least(blocksRead, few.slice(9, 12))
  expect(after).toBeLessThan(before + 500)
})

it('reviving a dead letter reads no more when the tables have grown since it was planned', async () => {
  const few = await messages(20)
  await client.query(`update messages set phase = 'dead', failed_at = now() where id = any ($1::uuid[])`, [
    few,
  ])
  const revive = (id = '') =>
    blocksOf(`revive_dead_letter('${id}', null, $1, null, '${follows}')`, [
      JSON.stringify(batchRows({ events: [revived(id)] }).events),
    ])
  for (const id of few.slice(0, 8)) await revive(id)
  const before = await revive(few[8])
  await messages(20_000)
  expect(await least(revive, few.slice(9, 12))).toBeLessThan(before + 500)
})

it.each(['the message’s', 'an earlier attempt’s', 'nobody’s'])(
  'a receipt by %s id reads no more when the tables have grown since it was planned',
  async (whose) => {
    const few = await messages(20)
    const receipt = (id = '') =>
      blocksOf(`record_events($1, '[]', '[]', '${follows}', 0, 0)`, [JSON.stringify([told(id)])])
    for (const id of few) await becameOf(id, whose)
    for (const id of few.slice(0, 8)) await receipt(id)
    const before = await receipt(few[8])
    await messages(20_000)
    expect(await least(receipt, few.slice(9, 12))).toBeLessThan(before + 500)
  },
)

it('what waits for a provider that takes nothing is not looked at by who takes what is due', async () => {
  const claim = () =>
    blocksOf(`claim_due('worker', 60, 3600, 10, '[]', '[]', '["greenapi"]', '[]', 60, null)`)
  await client.query(
    `insert into provider_states (provider, state, open, changed_at) values ('twilio', 'away', false, now())`,
  )
  await waiting(20)
  for (let count = 0; count < 8; count++) await claim()
  const before = await claim()
  await waiting(20_000)
  expect(await least(claim, ['', '', ''])).toBeLessThan(before + 100)
  expect(await blocksOf(`longest_due('[]', null)`)).toBeLessThan(100)
})

/** So many messages that are due, at a provider that takes nothing. */
async function waiting(count: number): Promise<void> {
  await client.query(
    `insert into messages (id, tenant_id, channel, direction, provider, recipient, attempts, phase, next_attempt_at, created_at, updated_at)
     select gen_random_uuid(), 't1', 'sms', 'outbound', 'twilio', '+33612345678', 0, 'scheduled', now() - interval '1 hour', now(), now()
     from generate_series(1, $1)`,
    [count],
  )
}

it('taking what is due reads no more when many newer messages stand before it', async () => {
  const claim = () => blocksOf(`claim_due('worker', 60, 3600, 1, '[]', '[]', '[]', '[]', 60, null)`)
  await waiting(20)
  for (let count = 0; count < 8; count++) await claim()
  const before = await claim()
  await messages(20_000)
  expect(await least(claim, ['', '', ''])).toBeLessThan(before + 200)
})

it('stamping what is not ordinary reads no more when many events have failed', async () => {
  const few = await messages(20)
  const fails = (id = '') =>
    blocksOf(`record_events($1, '[]', '[]', '${follows}', 0, 0)`, [
      JSON.stringify(
        batchRows({
          events: [{ event: event({ messageId: id, channel: 'sms', type: 'failed' }), requestId: undefined }],
        }).events,
      ),
    ])
  for (const id of few.slice(0, 8)) await fails(id)
  const before = await fails(few[8])
  const many = await messages(20_000)
  await client.query(
    `insert into message_events (provider, event_id, message_id, type, provider_type, source, occurred_at, received_at)
     select 'twilio', 'failed:' || id, id, 'failed', 'failed', 'webhook', now(), now() from unnest($1::uuid[]) id`,
    [many],
  )
  expect(await least(fails, few.slice(9, 12))).toBeLessThan(before + 500)
})

it('a look at what is parked reads no more when much is parked', async () => {
  const look = () => blocksOf(`match_parked(null, null, 86400, 3600, 60, 100, null, '${follows}')`)
  await messages(150)
  for (let count = 0; count < 8; count++) await look()
  const before = await look()
  await messages(20_000)
  expect(await least(look, ['', '', ''])).toBeLessThan(before + 200)
})

it('what somebody writes reads no more when there are many escalations', async () => {
  const write = () => {
    const inbound = { sender: '+33600000009', recipient: '+33700000000', text: 'Non' }
    const { events } = batchRows({
      events: [{ event: event({ channel: 'sms', type: 'received', inbound }), requestId: undefined }],
    })
    return blocksOf(`record_events($1, '[]', '[]', '${follows}', 0, 0)`, [JSON.stringify(events)])
  }
  await escalations(20)
  for (let count = 0; count < 8; count++) await write()
  const before = await write()
  await escalations(20_000)
  expect(await least(write, ['', '', ''])).toBeLessThan(before + 200)
})

it('what somebody writes under a name, in answer to a message, reads no more when there are many messages and names', async () => {
  const [sent] = await messages(20)
  await becameOf(sent ?? '', 'the message’s')
  const write = () => {
    const inbound = { sender: '1@lid', recipient: '+33700000000', text: 'Non', repliedTo: `SM${sent}` }
    const wrote = {
      type: 'received',
      providerMessageId: randomUUID(),
      inbound,
      alias: { name: '1@lid' },
    } as const
    const receipt = { providerMessageId: `SM${sent}`, alias: { name: '2@lid' } }
    const { events } = batchRows({
      events: [wrote, receipt].map((fields) => ({
        event: event({ channel: 'sms', occurredAt: new Date(), ...fields }),
        requestId: undefined,
      })),
    })
    return blocksOf(`record_events($1, '[]', '[]', '${follows}', 0, 0)`, [JSON.stringify(events)])
  }
  for (let count = 0; count < 8; count++) await write()
  const before = await write()
  const many = await messages(20_000)
  await client.query(
    `insert into contact_aliases select 'twilio', id || '@lid', '+33612345678', now() from unnest($1::uuid[]) id`,
    [many],
  )
  expect(await least(write, ['', '', ''])).toBeLessThan(before + 300)
})

/** So many escalations of other people that go on. */
async function escalations(count: number): Promise<void> {
  const ids = await messages(count)
  await client.query(
    `insert into escalations (id, tenant_id, created_at, addresses, parent_type, parent_id)
     select id, 't1', now(), array['+336' || id], 'Meeting', id::text from unnest($1::uuid[]) id`,
    [ids],
  )
  await client.query(
    `insert into escalation_steps (escalation_id, number, channel, after_seconds, unless, request)
     select id, 1, 'sms', 60, 'read', '{}' from unnest($1::uuid[]) id`,
    [ids],
  )
}

function told(id: string): unknown {
  const receipt = event({ channel: 'sms', type: 'sent', providerMessageId: `SM${id}` })
  return batchRows({ events: [{ event: receipt, requestId: undefined }] }).events[0]
}

async function becameOf(id: string, whose: string): Promise<void> {
  if (whose === 'the message’s')
    await client.query(`update messages set provider_message_id = $1 where id = $2`, [`SM${id}`, id])
  if (whose === 'an earlier attempt’s')
    await client.query(`update message_attempts set provider_message_id = $1 where message_id = $2`, [
      `SM${id}`,
      id,
    ])
}

/** So many messages whose first attempt is under way, and a parked receipt of somebody else's for each. */
async function messages(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID())
  await client.query(
    `insert into messages (id, tenant_id, channel, direction, provider, recipient, attempts, phase, created_at, updated_at)
     select id, 't1', 'sms', 'outbound', 'twilio', '+33612345678', 1, 'sending', now(), now() from unnest($1::uuid[]) id`,
    [ids],
  )
  await client.query(
    `insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
     select id, 1, 'twilio', 'test', now(), now() from unnest($1::uuid[]) id`,
    [ids],
  )
  await client.query(
    `insert into message_events (provider, event_id, type, provider_type, provider_message_id, source, occurred_at, received_at)
     select 'twilio', id, 'sent', 'sent', 'other:' || id, 'webhook', now(), now() - n * interval '1 ms'
     from unnest($1::uuid[]) with ordinality as made (id, n)`,
    [ids],
  )
  return ids
}

/** Pages looked at to record that this message was accepted. */
async function blocksRead(messageId = ''): Promise<number> {
  const { events, outcomes } = batchRows({
    events: [
      { event: event({ messageId, channel: 'sms', type: 'queued', source: 'send' }), requestId: undefined },
    ],
    outcomes: [accepted(messageId, `SM${messageId}`)],
  })
  return blocksOf(`record_events($1, $2, '[]', '${follows}', 0, 0)`, [
    JSON.stringify(events),
    JSON.stringify(outcomes),
  ])
}

/** Who reads a table whole does so each time; a session reads the catalogue anew where other tests migrate beside it. */
async function least(read: (id: string) => Promise<number>, ids: string[]): Promise<number> {
  const all: number[] = []
  for (const id of ids) all.push(await read(id))
  return Math.min(...all)
}

async function blocksOf(call: string, values: string[] = []): Promise<number> {
  const { rows } = await client.query(`explain (analyze, buffers, format json) select ${call}`, values)
  const plan = explained.parse(rows)[0]?.['QUERY PLAN'][0].Plan
  // Which of the two depends on what else the server does.
  return plan ? plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] : Number.NaN
}
