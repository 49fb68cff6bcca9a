-- One person, many names: an alias keeps every address that it was told to be, a number has one writing, and what carried a
-- message is kept where that is not what its channel is called.

-- What really carried it, such as `rcs`; null: what the channel says.
alter table messages add column via text;
alter table message_events add column via text;

do $$
begin
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select (via) on messages, message_events to comms_reader;
  end if;
end
$$;

-- Each address that an alias was ever told to be, and when last: what was said under it was said of all of them.
alter table contact_aliases drop constraint contact_aliases_pkey;
alter table contact_aliases add primary key (alias, provider, address);

-- As `personNumber` of the server has it, for what was kept before there was one: Mexico's 1, Argentina's 9, Brazil's ninth digit,
-- the longer numbers of Benin and Côte d'Ivoire, French overseas numbers.
create or replace function pg_temp.one_writing(number text) returns text
language sql immutable
as $$
  select case
    when number ~ '^\+33(26[239]|639|69[23])\d{6}$' then '+262' || substr(number, 4)
    when number ~ '^\+33(590|69[01])\d{6}$' then '+590' || substr(number, 4)
    when number ~ '^\+33[56]94\d{6}$' then '+594' || substr(number, 4)
    when number ~ '^\+33(596|69[67])\d{6}$' then '+596' || substr(number, 4)
    when number ~ '^\+521\d{10}$' then '+52' || substr(number, 5)
    when number ~ '^\+549\d{10}$' then '+54' || substr(number, 5)
    when number ~ '^\+55[1-9]{2}[6-9]\d{7}$' then substr(number, 1, 5) || '9' || substr(number, 6)
    when number ~ '^\+229\d{8}$' then '+22901' || substr(number, 5)
    when number ~ '^\+225[04-9][789]\d{6}$' then '+22507' || substr(number, 5)
    when number ~ '^\+225[04-9][456]\d{6}$' then '+22505' || substr(number, 5)
    when number ~ '^\+225[04-9][0-3]\d{6}$' then '+22501' || substr(number, 5)
    when number ~ '^\+225[23][0-5][1-79]\d{5}$' then '+22527' || substr(number, 5)
    else number
  end
$$;

-- Whoever said STOP under another writing of the number said it.
with moved as (
  delete from suppressions s
  where s.channel <> 'email' and s.address ~ '^\+(33|52|54|55|22)' and pg_temp.one_writing(s.address) <> s.address
  returning s.*
)
insert into suppressions as s (
  channel, address, withdrawn_at, given_at, dead_at, alive_at, reason, provider, message_id, tenant_id, updated_at
)
select distinct on (m.channel, pg_temp.one_writing(m.address))
  m.channel, pg_temp.one_writing(m.address), max(m.withdrawn_at) over whom, max(m.given_at) over whom,
  max(m.dead_at) over whom, max(m.alive_at) over whom, m.reason, m.provider, m.message_id, m.tenant_id, now()
from moved m
window whom as (partition by m.channel, pg_temp.one_writing(m.address))
order by m.channel, pg_temp.one_writing(m.address), greatest(m.withdrawn_at, m.dead_at) desc nulls last
on conflict (channel, address) do update
set
  withdrawn_at = greatest(s.withdrawn_at, excluded.withdrawn_at),
  given_at = greatest(s.given_at, excluded.given_at),
  dead_at = greatest(s.dead_at, excluded.dead_at),
  alive_at = greatest(s.alive_at, excluded.alive_at),
  reason = case
    when greatest(excluded.withdrawn_at, excluded.dead_at) > coalesce(greatest(s.withdrawn_at, s.dead_at), '-infinity')
      then excluded.reason
    else s.reason
  end,
  updated_at = now();

with moved as (
  delete from contact_aliases a
  where a.address ~ '^\+(33|52|54|55|22)' and pg_temp.one_writing(a.address) <> a.address
  returning a.*
)
insert into contact_aliases as a (provider, alias, address, learnt_at)
select m.provider, m.alias, pg_temp.one_writing(m.address), max(m.learnt_at)
from moved m
group by m.provider, m.alias, pg_temp.one_writing(m.address)
on conflict (alias, provider, address) do update set learnt_at = greatest(a.learnt_at, excluded.learnt_at);

-- Of what may still be answered, or sent.
update messages m
set recipient = pg_temp.one_writing(m.recipient), sender = pg_temp.one_writing(m.sender)
where m.channel <> 'email'
  and (m.created_at > now() - interval '8 days' or m.next_attempt_at is not null)
  and (m.recipient ~ '^\+(33|52|54|55|22)' or m.sender ~ '^\+(33|52|54|55|22)')
  and (pg_temp.one_writing(m.recipient), pg_temp.one_writing(m.sender)) is distinct from (m.recipient, m.sender);

drop function pg_temp.one_writing(text);
