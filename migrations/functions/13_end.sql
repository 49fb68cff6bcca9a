-- Every function made in this transaction is ours: marked, and executable by nobody but the service.

do $$
declare
  ours regprocedure;
  stranger text;
begin
  for ours in
    select p.oid
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.xmin = pg_current_xact_id()::xid
      -- A trigger's function belongs to its table's file.
      and p.prorettype <> 'trigger'::regtype
  loop
    execute format('comment on function %s is %L', ours, 'max-comms');
    if ours::text not like 'match_event(%' then
      execute format('alter function %s set search_path to public, pg_temp', ours);
    end if;
    execute format('revoke all on function %s from public', ours);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on function %s from %I', ours, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant execute on function %s to service_role', ours);
    end if;
  end loop;
end
$$;
