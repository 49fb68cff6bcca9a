import { releaseBefore } from '../../scripts/release-before.ts'

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
