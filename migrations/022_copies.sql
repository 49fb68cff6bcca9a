-- Whom a message goes to besides its recipient: an email's cc and bcc. Kept apart, so that their wishes are looked at before every
-- attempt and what they get is counted, without a look into what is to be sent.
create table message_copies (
  message_id uuid not null references messages (id) on delete cascade,
  -- In lower case, as suppressions has it; never the recipient's own.
  address text not null,
  tenant_id text,
  created_at timestamptz not null,
  primary key (message_id, address)
);

-- What one person got in a day, and a tenant sent in an hour.
create index message_copies_address on message_copies (address, tenant_id, created_at desc);
create index message_copies_tenant on message_copies (tenant_id, created_at desc);

-- Of what may still be sent.
insert into message_copies (message_id, address, tenant_id, created_at)
select distinct m.id, lower(c.address), m.tenant_id, m.created_at
from (
  select id from messages where next_attempt_at is not null
  union
  select id from messages where phase in ('unknown', 'dead')
  union
  select message_id from message_attempts where ended_at is null
) open
join messages m on m.id = open.id and m.channel = 'email'
join message_payloads p on p.message_id = m.id
cross join lateral (
  select jsonb_array_elements_text(p.payload -> 'cc')
  union all
  select jsonb_array_elements_text(p.payload -> 'bcc')
) as c (address)
where lower(c.address) <> m.recipient;

alter table message_copies enable row level security;

do $$
declare
  stranger text;
begin
  revoke all on message_copies from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on message_copies from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on message_copies to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on message_copies to comms_reader;
    create policy reading on message_copies for select to comms_reader using (true);
  end if;
end
$$;
