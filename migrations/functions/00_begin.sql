-- Every function, current: these files in their order, one a room of src that calls it. Re-applied whole at each migration
-- that finds another digest: first those of an earlier state (they carry our mark) go, then these come, in one transaction.
-- Named arguments in, jsonb out. SQL decides sets and atomicity; what an event means is decided before it gets here.
--
-- A connection plans a function's statements once and keeps the plan, also where the tables were empty then (and
-- PGlite, without autovacuum, never plans again). So functions that look up rows by key are told to use indexes
-- (enable_*): what is planned for a hundred rows reads a million otherwise. The settings reach the functions that they
-- call. Lists and counts are planned anew each time (force_custom_plan).

do $$
declare
  ours regprocedure;
begin
  for ours in
    select p.oid
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') = 'max-comms'
  loop
    execute format('drop function %s', ours);
  end loop;
end
$$;
