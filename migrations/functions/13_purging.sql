-- What is not needed any more goes, some rows at a time. Called by the worker, which goes through each table once a day by its
-- key: no index is kept for it, and what could not go yet goes another day.

-- Promises that what was to be sent is gone (the HTML, attachments) where its message has ended and nothing was told of it for
-- `kept_seconds`. What the message's row has of it stays: subject, text. Of the `at_most` after `after` (null: the first).
-- Answers {purged, reached: where it came to, or null at the end}.
create or replace function purge_payloads(kept_seconds integer, after uuid, at_most integer) returns jsonb
language plpgsql
as $$
declare
  looked_at uuid[] := array(
    select p.message_id
    from message_payloads p
    where p.message_id > coalesce(after, '00000000-0000-0000-0000-000000000000')
    order by p.message_id
    limit at_most
  );
  purged integer;
begin
  delete from message_payloads p
  using messages m
  where p.message_id = any (looked_at)
    and m.id = p.message_id
    and m.updated_at < now() - make_interval(secs => kept_seconds)
    and m.next_attempt_at is null
    and m.check_at is null
    -- A dead letter may be sent after all, and of an unknown one somebody decides.
    and m.phase not in ('scheduled', 'sending', 'unknown', 'dead');
  get diagnostics purged = row_count;
  return jsonb_build_object(
    'purged', purged, 'reached', case when cardinality(looked_at) = at_most then looked_at[at_most] end
  );
end
$$;

-- Promises that keys are gone which are too old to make a second request the repeat of the first. As purge_payloads; `after`:
-- {tenant_id, key}.
create or replace function purge_keys(kept_seconds integer, after jsonb, at_most integer) returns jsonb
language plpgsql
as $$
declare
  purged integer;
  reached jsonb;
begin
  with looked_at as (
    select k.tenant_id, k.key, k.created_at
    from idempotency_keys k
    where (k.tenant_id, k.key) > (coalesce(after ->> 'tenant_id', ''), coalesce(after ->> 'key', ''))
    order by k.tenant_id, k.key
    limit at_most
  ), gone as (
    delete from idempotency_keys k
    using looked_at l
    where k.tenant_id = l.tenant_id and k.key = l.key
      and k.created_at < now() - make_interval(secs => kept_seconds)
    returning k.key
  )
  select
    (select count(*)::integer from gone),
    (select to_jsonb(l) - 'created_at' from looked_at l order by l.tenant_id, l.key offset at_most - 1)
  into purged, reached;
  return jsonb_build_object('purged', purged, 'reached', reached);
end
$$;
