-- Providers that take so many messages an hour and no more: when the next may go out, whichever process hands it over.
create table provider_turns (
  provider text primary key,
  next_at timestamptz not null,
  -- What was told last of when one may go, to whom that is, and when: those who ask at once are told one after another.
  told_at timestamptz,
  told_next_at timestamptz,
  told_urgency smallint
);

alter table provider_turns enable row level security;

do $$
declare
  stranger text;
begin
  revoke all on provider_turns from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on provider_turns from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on provider_turns to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on provider_turns to comms_reader;
    create policy reading on provider_turns for select to comms_reader using (true);
  end if;
end
$$;
