import { hostPostgres } from '../../scripts/postgres/hosted.ts'

/** Starts a PostgreSQL, prints its URL and holds it until this process is killed. */
const { url } = await hostPostgres({ fsync: 'off' })
process.stdout.write(`${url}\n`)
setInterval(() => {}, 60_000)
