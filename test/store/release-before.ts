import { readFileSync } from 'node:fs'
import { z } from 'zod'

const file = z.object({
  commit: z.string(),
  functions: z.array(z.string()),
  calls: z.record(z.string(), z.array(z.string())),
})

/** The release before this one: its commit, its SQL functions as they were made, and how its processes call them. */
export const releaseBefore = file.parse(
  JSON.parse(readFileSync(new URL('release-before.json', import.meta.url), 'utf8')),
)

/** A database as the release before left it, but that its functions do nothing, in SQL. */
export const functionsBefore = `
do $before$
declare
  ours regprocedure;
begin
  for ours in
    select p.oid from pg_proc p
    where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') = 'max-comms'
  loop
    execute format('drop function %s', ours);
  end loop;
end
$before$;
${releaseBefore.functions.map((made) => `create function ${made} language plpgsql as $$ begin raise exception 'before'; end $$;`).join('\n')}
do $before$
declare
  ours regprocedure;
begin
  for ours in select p.oid from pg_proc p where p.xmin = pg_current_xact_id()::xid loop
    execute format('comment on function %s is %L', ours, 'max-comms');
  end loop;
end
$before$;
update schema_migrations set digest = 'before' where version = 0;
`
