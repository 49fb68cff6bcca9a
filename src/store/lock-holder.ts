import { z } from 'zod'
import type { MigrationConnection } from './migration-connection.ts'

/** Who holds a lock, in words that quote no query, and what ends it. */
export interface LockHolder {
  who: string
  remedy: string
}

const found = z.array(
  z.object({
    pid: z.number(),
    application: z.string().nullable(),
    // Null where it is another role's and this one may not see it.
    state: z.string().nullable(),
    seconds: z.number().nullable(),
    relation: z.string(),
  }),
)

/** Of those who hold a lock on a table of ours, the one whose transaction is the oldest. */
export async function lockHolder(connection: MigrationConnection): Promise<LockHolder> {
  const [holder] = found.parse(
    await connection.exec(`
      select a.pid, nullif(a.application_name, '') as application, a.state,
        extract(epoch from clock_timestamp() - a.xact_start)::integer as seconds, c.relname::text as relation
      from pg_locks l
      join pg_class c on c.oid = l.relation and c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      join pg_stat_activity a on a.pid = l.pid
      where l.granted and l.pid <> pg_backend_pid()
        -- One that has ended its transaction since the locks were read.
        and a.state is distinct from 'idle'
        and l.database = (select oid from pg_database where datname = current_database())
      order by a.xact_start nulls first, c.relname
      limit 1`),
  )
  // It has ended in this moment, or is a process that shows itself to nobody.
  if (!holder) return { who: 'somebody who holds a lock', remedy: 'see pg_locks' }
  const { pid, application, state, seconds, relation } = holder
  const what = [application, seconds === null ? state : `${state} for ${seconds} s`]
    .filter(Boolean)
    .join(', ')
  return {
    who: `process ${pid}${what ? ` (${what})` : ''}, which holds a lock on ${relation},`,
    remedy: `end it: select pg_terminate_backend(${pid})`,
  }
}
