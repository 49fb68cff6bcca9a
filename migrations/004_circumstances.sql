-- Who is not to be written to, and which provider takes nothing for now: looked at before every attempt.

-- One address of one person on one channel. Whichever was said later counts, in whatever order we heard of it.
create table suppressions (
  channel text not null check (channel in ('email', 'whatsapp', 'sms')),
  address text not null,
  -- When consent was last withdrawn (or the address proved dead), and when it was last given again.
  withdrawn_at timestamptz,
  given_at timestamptz,
  -- What proved the withdrawal: our event's word, or the provider's code.
  reason text,
  provider text not null,
  message_id uuid,
  tenant_id text,
  updated_at timestamptz not null,
  active boolean not null generated always as (
    withdrawn_at is not null and (given_at is null or given_at < withdrawn_at)
  ) stored,
  primary key (channel, address)
);

-- What a provider last said of itself, such as a phone that is logged out; none: it takes messages.
create table provider_states (
  provider text primary key,
  state text not null,
  open boolean not null,
  changed_at timestamptz not null
);

-- What an event says of its person: consent 'withdrawn' or 'given'.
alter table message_events add column consent text check (consent in ('withdrawn', 'given'));

-- When a person last wrote: WhatsApp's window is open for a day from then.
create index messages_sender on messages (sender, created_at desc) where direction = 'inbound';

alter table suppressions enable row level security;
alter table provider_states enable row level security;

do $$
declare
  stranger text;
  relation text;
begin
  foreach relation in array array['suppressions', 'provider_states'] loop
    execute format('revoke all on %I from public', relation);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on %I from %I', relation, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant all on %I to service_role', relation);
    end if;
    if exists (select from pg_roles where rolname = 'comms_reader') then
      execute format('grant select on %I to comms_reader', relation);
      execute format('create policy reading on %I for select to comms_reader using (true)', relation);
    end if;
  end loop;
end
$$;
