-- How much a tenant may send. Called by reserve_bound. Promises that everybody whom a message goes to counts, as recipient or copy.

-- Called by reserve_bound. The limit that a message is over, with everybody whom it goes to: null, {limit: hour}, or {limit:
-- recipientDay, addresses: those who have had as many}. A copy that is left out is none (hindrances). Counts at most as far as
-- the limit, so that its cost does not grow with the table.
create or replace function limit_reached(wanted messages, copies text[], limits jsonb, moment timestamptz) returns jsonb
language plpgsql stable
as $$
declare
  an_hour integer := (limits ->> 'hour')::integer;
  a_day_to_one integer := (limits ->> 'recipientDay')::integer;
  people text[] := wanted.recipient || array(
    select c.address
    from unnest(copies) as c (address)
    where not exists (
      select from suppressions s where s.channel = wanted.channel and s.address = c.address and s.active
    )
  );
  room bigint;
  full_up text[];
begin
  if an_hour is not null then
    room := an_hour - (
      select count(*)
      from (
        select from messages m
        where m.tenant_id = wanted.tenant_id and m.direction = 'outbound' and m.created_at > moment - interval '1 hour'
        limit an_hour
      ) recent
    ) - (
      select count(*)
      from (
        select from message_copies c
        where c.tenant_id = wanted.tenant_id and c.created_at > moment - interval '1 hour'
          and not exists (select from suppressions s where s.channel = 'email' and s.address = c.address and s.active)
        limit an_hour
      ) recent
    );
    if cardinality(people) > room then
      return jsonb_build_object('limit', 'hour');
    end if;
  end if;
  if a_day_to_one is not null then
    select array_agg(p.address order by p.address) into full_up
    from unnest(people) as p (address)
    where a_day_to_one <= (
      select count(*)
      from (
        select from messages m
        where m.recipient = p.address and m.tenant_id = wanted.tenant_id and m.direction = 'outbound'
          and m.created_at > moment - interval '1 day'
        limit a_day_to_one
      ) recent
    ) + (
      select count(*)
      from (
        select from message_copies c
        where c.address = p.address and c.tenant_id = wanted.tenant_id and c.created_at > moment - interval '1 day'
        limit a_day_to_one
      ) recent
    );
    if full_up is not null then
      return jsonb_build_object('limit', 'recipientDay', 'addresses', full_up);
    end if;
  end if;
  return null;
end
$$;
