import { readFileSync, readdirSync } from 'node:fs'
import { checkEvents } from './check.ts'
import { makeDatabase } from './database.ts'
import { drive, rssMb } from './drive.ts'
import { startHost } from './host.ts'
import { seedMessages } from './seed.ts'
import { startServer } from './server.ts'
import { messagesOf } from './traffic.ts'
const ticks = (pid: number | string) => { try { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10 } catch { return 0 } }
const pgTicks = () => readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => { try { return readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('postgres') && readFileSync(`/proc/${p}/status`, 'utf8').includes(`PPid:\t${pm}`) } catch { return false } }).reduce((s, p) => s + ticks(p), 0)
const n = Number(process.argv[2] ?? 12000), kind = process.argv[3] ?? 'twilio', batch = Number(process.argv[4] ?? 1)
const prof = process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=' + process.env.PROF] : []
let pm = 0
if (kind === 'express' || kind === 'http') {
  const h = await startHost(kind === 'http' ? 'hosts/node-http.ts' : 'hosts/express.ts')
  await drive({ url: h.url, connections: 64, stretches: [{ first: 0, count: 6000 }], traffic: { of: 'twilio' } })
  const a = ticks(h.pid); const f = await drive({ url: h.url, connections: 64, stretches: [{ first: 0, count: n }], traffic: { of: 'twilio' } })
  console.log(kind, 'server us/event', (1000 * (ticks(h.pid) - a) / n).toFixed(0), 'rate', (n / f.seconds).toFixed(0)); await h.stop(); process.exit()
}
const host = process.env.DATABASE_URL ? undefined : await startHost('hosts/postgres.ts')
const db = await makeDatabase(process.env.DATABASE_URL ?? host!.url)
if (process.env.SQL) await db.query(process.env.SQL)
const st = [{ first: 0, count: 6000 }, { first: 6000, count: n }]
await seedMessages(db.query, kind === 'sendgrid' ? 'email' : 'sms', messagesOf(st)); await db.settle()
const pid0 = (await db.query('select pg_backend_pid() p'))[0]!.p as number
pm = Number(readFileSync(`/proc/${pid0}/status`, 'utf8').match(/PPid:\t(\d+)/)![1])
const { environmentOf } = await import('../sandbox/credentials.ts')
const s = await startServer({ ...environmentOf('http://127.0.0.1:9', 9), DATABASE_URL: db.url }, prof)
const traffic: any = kind === 'sendgrid' ? { of: 'sendgrid', batch } : { of: 'twilio' }
await drive({ url: s.url, connections: 64, stretches: [st[0]!], traffic })
const [a, b] = [ticks(s.pid), pgTicks()]
const f = await drive({ url: s.url, connections: 64, stretches: [st[1]!], traffic })
console.log(kind, batch, 'server us/event', (1000 * (ticks(s.pid) - a) / n).toFixed(0), 'pg us/event', (1000 * (pgTicks() - b) / n).toFixed(0), 'rate', (n / f.seconds).toFixed(0), 'p50', f.p50Ms.toFixed(1), 'p99', f.p99Ms.toFixed(1), 'rss', (await rssMb(s.pid)).toFixed(0))
const db_xact = await db.query(`select xact_commit from pg_stat_database where datname = current_database()`)
await checkEvents(db.query, kind === 'sendgrid' ? 'sendgrid' : 'twilio', st)
await s.stop(); await db.drop(); await host?.stop(); void db_xact
