-- Every function made in this transaction is ours: marked, executable by nobody but the service, and set up like the others.
--
-- A connection plans a function's statements once and keeps the plan, also where the tables were empty then (and
-- PGlite, without autovacuum, never plans again). So all functions are told to use indexes (enable_*): what is planned for a
-- hundred rows reads a million otherwise. Where a function names a setting itself, that one holds, and it says why. What is
-- called for each row has no settings: it has those of its caller, and Postgres can plan it into the caller's statement.

do $$
declare
  ours record;
  settings text;
  stranger text;
begin
  for ours in
    select p.oid::regprocedure as name, coalesce(p.proconfig, '{}') as config, p.proname = any (array[
      'match_event', 'address_of', 'message_json', 'reading_json', 'inbound_json', 'lane_of', 'failed_over_from', 'said_at'
    ]) as for_each_row
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.xmin = pg_current_xact_id()::xid
      -- A trigger's function belongs to its table's file.
      and p.prorettype <> 'trigger'::regtype
  loop
    execute format('comment on function %s is %L', ours.name, 'max-comms');
    select string_agg(format('set %s to %s', s.name, s.value), ' ') into settings
    from (values
      ('search_path', 'public, pg_temp'),
      ('timezone', '''UTC'''),
      ('enable_seqscan', 'off'),
      ('enable_hashjoin', 'off'),
      ('enable_mergejoin', 'off'),
      ('enable_material', 'off')
    ) as s (name, value)
    where not ours.for_each_row
      and not exists (select from unnest(ours.config) own where starts_with(own, s.name || '='));
    if settings is not null then
      execute format('alter function %s %s', ours.name, settings);
    end if;
    execute format('revoke all on function %s from public', ours.name);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on function %s from %I', ours.name, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant execute on function %s to service_role', ours.name);
    end if;
  end loop;
end
$$;

-- What the last migration made and this one does not may still be called, by processes of the release before and in calls
-- that are under way: it stays. What neither made goes.
do $$
declare
  former regprocedure;
begin
  for former in
    select p.oid
    from pg_proc p
    where p.oid::text = any (string_to_array(current_setting('max_comms.former'), ' '))
      and p.xmin <> pg_current_xact_id()::xid
  loop
    execute format('drop function %s', former);
  end loop;
end
$$;
