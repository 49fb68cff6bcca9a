import { makeDatabase } from './database.ts'
import { startHost } from './host.ts'
const host = await startHost('hosts/postgres.ts')
const db = await makeDatabase(host.url)
console.log(await db.query("select current_setting('debug_assertions') a, version()"), await db.query("select name, setting from pg_config where name in ('CFLAGS','CONFIGURE','CC')"))
console.log(await db.query("select current_setting('jit') a, current_setting('io_method') i, current_setting('wal_sync_method') w"))
await db.drop(); await host.stop()
