import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type TestDatabase, testDatabase } from '#support/database.ts'

const many = 20_000

let opened: TestDatabase
let client: pg.Client
beforeAll(async () => {
  opened = await testDatabase()
  client = new pg.Client({ connectionString: opened.url })
  await client.connect()
  // Delivered SMS of four days, which lie back: 200 an hour, told twice each. One of them was clicked, by another tenant.
  await client.query(
    `insert into messages (id, tenant_id, channel, direction, provider, recipient, phase, created_at, updated_at, delivered_at)
     select gen_random_uuid(), 't1', 'sms', 'outbound', 'twilio', '+336' || n, 'queued', at, at, at
     from generate_series(1, ${many}) n, lateral (select now() - interval '20 hours' - n * interval '18 s') t (at)`,
  )
  await client.query(
    `update messages set clicked_at = now(), tenant_id = 't2'
     where id = (select id from messages order by created_at offset 5000 limit 1)`,
  )
  await client.query(
    `insert into message_events (provider, event_id, type, provider_type, channel, message_id, tenant_id, source, occurred_at, received_at)
     select 'twilio', m.id || ':' || n, 'delivered', 'delivered', m.channel, m.id, m.tenant_id, 'webhook',
       m.created_at + n * interval '1 s', m.created_at
     from messages m, generate_series(1, 2) n`,
  )
  // And as much of nobody's messages: another program sends by the same account.
  await client.query(
    `insert into message_events (provider, event_id, type, provider_type, channel, source, occurred_at, received_at)
     select provider, 'other ' || event_id, type, provider_type, channel, source, occurred_at, received_at from message_events`,
  )
  await counted()
  await client.query('vacuum analyze messages, message_events, message_counts')
}, 120_000)
afterAll(async () => {
  await client?.end()
  await opened?.drop()
})

const answered = z.array(z.object({ told: z.object({ more: z.boolean() }) }))

/** As the worker does, round after round. */
async function counted(): Promise<void> {
  for (const one of ['count_messages(46800, 2000)', 'settle_events(10800, 500)']) {
    let more = true
    while (more)
      more = answered.parse((await client.query(`select ${one} as told`)).rows)[0]?.told.more ?? false
  }
}

describe('with all of it counted, as few blocks are read as what is shown takes', () => {
  it.each([
    ['what was clicked, of all', `newest_messages(null, null, null, 'clicked', null, null, null, 51)`],
    [
      'what was clicked, where none was',
      `newest_messages('t1', null, null, 'clicked', null, null, null, 51)`,
    ],
    ['what was opened, where none was', `newest_messages(null, null, null, 'opened', null, null, null, 51)`],
    [
      'what is on its way, where nothing is',
      `newest_messages(null, null, null, 'sending', null, null, null, 51)`,
    ],
    [
      'a channel that a tenant does not use',
      `newest_messages('t1', null, null, null, 'email', null, null, 51)`,
    ],
    ['statistics of 200 days', `message_stats(null, null, now() - interval '200 days', now())`],
    ['statistics of a tenant', `message_stats('t2', 'sms', now() - interval '200 days', now())`],
  ])('%s', async (_what, call) => {
    expect(await blocksOf(`select ${call}`)).toBeLessThan(300)
  })

  it('a page of what is everywhere', async () => {
    const page = `newest_messages(null, null, null, 'delivered', null, null, null, 51)`
    expect(await blocksOf(`select ${page}`)).toBeLessThan(1_500)
  })

  it("the audit's figures, without a look at an event", async () => {
    const figures = `select date_trunc('day', created_at), count(*) filter (where event_type = 'delivered')
      from sms_message_events where created_at > now() - interval '30 days' group by 1`
    expect(await blocksOf(figures)).toBeLessThan(500)
  })
})

const explained = z.array(
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({ Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }) }),
    ]),
  }),
)

/** Pages looked at, the fewest of three times: a session reads the catalogue first. */
async function blocksOf(sql: string): Promise<number> {
  let fewest = Number.POSITIVE_INFINITY
  for (let time = 0; time < 3; time++) {
    const { rows } = await client.query(`explain (analyze, buffers, format json) ${sql}`)
    const plan = explained.parse(rows)[0]?.['QUERY PLAN'][0].Plan
    fewest = Math.min(fewest, plan ? plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] : Number.NaN)
  }
  return fewest
}
