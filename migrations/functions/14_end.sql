-- Every function made in this transaction is ours: marked, executable by nobody but the service, and set up like the others.
--
-- A connection plans a function's statements once and keeps the plan, also where the tables were empty then (and
-- PGlite, without autovacuum, never plans again). So the functions are told to use indexes (enable_*): what is planned for a
-- hundred rows reads a million otherwise. That costs them nothing but JIT, which takes such plans for dear and compiles
-- them for half a second: it is off. Nobody waits for a lock for half as long as a caller waits for an answer: one that a
-- lock holds up would keep its connection, and soon all of them. Where a function names a setting itself, that one holds,
-- and it says why.
--
-- What is called by these functions alone has no settings: it has those of its caller, needs no time to set them, and
-- Postgres can plan what is called for each row into the caller's statement.

do $$
declare
  ours record;
  settings text;
  stranger text;
begin
  for ours in
    select p.oid::regprocedure as name, coalesce(p.proconfig, '{}') as config, p.proname = any (array[
      'address_of', 'addressed', 'adopt_events', 'adopt_repeated', 'all_urgencies', 'arrived_since', 'asked_for', 'begin_escalation', 'cause_of', 'click_verdicts', 'copies_of', 'counted_until', 'counts_between',
      'create_inbound_messages', 'end_attempts', 'end_in_groups', 'end_unheard', 'ended_in_group', 'enqueue_following', 'enqueue_jobs',
      'escalation_json', 'escalation_waits', 'escalations_of_people', 'expires_anew', 'failed_over_from',
      'first_facts', 'hand_on', 'hindrances', 'hours_with', 'inbound_json', 'judge_reads', 'keep_consents', 'keep_names',
      'keep_provider_states', 'keep_reserved', 'keep_signs_of_life', 'keep_stopped', 'lane_of', 'learn_names', 'limit_reached', 'listed_messages', 'match_event', 'merge_suppressions',
      'message_json', 'message_to_ask', 'names_of', 'people_named', 'permitted_reads', 'reading_json', 'readings_of', 'recall_consents',
      'recall_provider_states', 'refresh_escalations', 'rename_sent', 'rename_written', 'repeats_of', 'reserve_bound', 'said_at', 'said_to_stop',
      'say_of_address', 'stamp_facts', 'stamp_messages', 'still_holds', 'suppress_learnt', 'suppression_json', 'told_before', 'told_by_readings', 'told_events',
      'waiting_before', 'waiting_lines', 'was_reached', 'whose_answer', 'written_since'
    ]) as inner_one
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.xmin = pg_current_xact_id()::xid
      -- A trigger's function belongs to its table's file, and what a view calls to the view's.
      and p.prorettype <> 'trigger'::regtype
      and p.proname <> all (array['events_settled_until', 'event_told', 'event_told_exactly'])
  loop
    execute format('comment on function %s is %L', ours.name, 'max-comms');
    select string_agg(format('set %s to %s', s.name, s.value), ' ') into settings
    from (values
      ('search_path', 'public, pg_temp'),
      ('timezone', '''UTC'''),
      ('lock_timeout', '''5s'''),
      ('jit', 'off'),
      ('enable_seqscan', 'off'),
      ('enable_hashjoin', 'off'),
      ('enable_mergejoin', 'off'),
      ('enable_material', 'off')
    ) as s (name, value)
    where not ours.inner_one
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
