import pg from 'pg'
import { makeDatabase } from './database.ts'
import { startHost } from './host.ts'
import { seedMessages } from './seed.ts'
import { twilioWebhook } from './traffic.ts'
import { batchRows } from '../src/store/rows.ts'
import { twilioWebhook as hook } from '../providers/twilio/webhook.ts'
const wh = hook({ tokens: ['x'], validate: () => true })
const host = await startHost('hosts/postgres.ts')
const db = await makeDatabase(host.url)
await seedMessages(db.query, 'sms', { first: 0, count: 20000 })
await db.settle()
const c = new pg.Client({ connectionString: db.url }); await c.connect()
c.on('notice', (n) => process.env.NOTICE && console.log(n.message))
const size = Number(process.argv[2] ?? 64), rounds = Number(process.argv[3] ?? 100)
const rowsOf = (first: number, count: number) => batchRows({ events: Array.from({ length: count }, (_, i) => {
  const p = twilioWebhook(first + i)
  const receivedAt = new Date()
  const [item] = wh.items({ method: 'POST', urls: ['https://comms.example.com' + p.path], headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(String(p.body)), receivedAt })
  return { event: wh.event(item!), requestId: 'r' }
}) })
const batches = Array.from({ length: rounds }, (_, r) => rowsOf(r * size, size))
const times: number[] = []
for (const [i, b] of batches.entries()) {
  if (process.env.EXPLAIN && i === rounds - 1) {
    await c.query("load 'auto_explain'; set auto_explain.log_min_duration=0; set auto_explain.log_nested_statements=on; set auto_explain.log_analyze=on; set auto_explain.log_buffers=on; set client_min_messages=log; set auto_explain.log_level=notice; set auto_explain.log_triggers=on; ")
    process.env.NOTICE = '1'
  }
  const t = performance.now()
  await c.query('select record_events(events => $1, outcomes => $2, quarantined => $3) as result', [JSON.stringify(b.events), '[]', '[]'])
  times.push(performance.now() - t)
}
process.env.NOTICE = ''
times.sort((a, b) => a - b)
console.log('size', size, 'median ms', times[times.length >> 1]!.toFixed(2), 'p99', times[Math.floor(times.length * .99)]!.toFixed(2), 'min', times[0]!.toFixed(2), 'per s', (size * 1000 / times[times.length >> 1]!).toFixed(0))
await c.end(); await db.drop(); await host.stop()
