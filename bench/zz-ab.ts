import { readFileSync } from 'node:fs'
import pg from 'pg'
import { makeDatabase } from './database.ts'
import { startHost } from './host.ts'
import { seedMessages } from './seed.ts'
import { twilioWebhook, sendgridWebhook } from './traffic.ts'
import { batchRows } from '../src/store/rows.ts'
import { twilioWebhook as hook } from '../providers/twilio/webhook.ts'
import { sendgridEvent } from '../providers/sendgrid/event.ts'
const [size, rounds, kind, ...variants] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4], ...process.argv.slice(5)]
const wh = hook({ tokens: ['x'], validate: () => true })
const host = await startHost('hosts/postgres.ts')
const rowsOf = (first: number, count: number) => batchRows({ events: kind === 'sendgrid'
 ? JSON.parse(String(sendgridWebhook({ first, count }).body)).map((raw: any) => ({ event: sendgridEvent({ id: raw.sg_event_id, raw, receivedAt: new Date() }), requestId: 'r' }))
 : Array.from({ length: count }, (_, i) => {
  const p = twilioWebhook(first + i)
  const receivedAt = new Date()
  const [item] = wh.items({ method: 'POST', urls: ['https://comms.example.com' + p.path], headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(String(p.body)), receivedAt })
  return { event: wh.event(item!), requestId: 'r' }
}) })
const args = Array.from({ length: rounds }, (_, r) => [JSON.stringify(rowsOf(r * size, size).events), '[]', '[]'])
const all: any[] = []
for (const v of variants) {
  const db = await makeDatabase(host.url)
  if (v !== 'base') await db.query(v.startsWith('@') ? readFileSync(v.slice(1), 'utf8') : v)
  await seedMessages(db.query, kind === 'sendgrid' ? 'email' : 'sms', { first: 0, count: Math.ceil(size * rounds / 3) + 1 })
  await db.settle()
  const c = new pg.Client({ connectionString: db.url }); await c.connect()
  all.push({ v, db, c, times: [] as number[] })
}
if (process.env.PERF) { const { spawn } = await import('node:child_process'); const pid = (await all[0].c.query('select pg_backend_pid() as p')).rows[0].p; spawn('perf', ['record','-e','cpu-clock','-F','999','-g','-p',String(pid),'-o','/tmp/perf/p.data','--','sleep',process.env.PERF], { stdio: 'ignore' }) }
for (let i = 0; i < rounds; i++) for (const a of all) {
  const t = performance.now()
  await a.c.query('select record_events(events => $1, outcomes => $2, quarantined => $3) as result', args[i])
  a.times.push(performance.now() - t)
}
for (const { v, times, db, c } of all) {
  const s = times.slice(10).sort((a: number, b: number) => a - b)
  const q = (p: number) => s[Math.floor(s.length * p)]
  console.log(v.slice(0, 60), 'size', size, 'min', s[0].toFixed(2), 'q25', q(.25).toFixed(2), 'median', q(.5).toFixed(2), 'us/event at q25', (1000 * q(.25) / size).toFixed(0))
  await c.end(); await db.drop()
}
await host.stop()
