-- What else a provider calls a person, and since when it holds back what it was given.

-- Another name that a provider has for a person, such as `…@lid`, and whose address it was last told to be.
create table contact_aliases (
  provider text not null,
  alias text not null,
  address text not null,
  learnt_at timestamptz not null,
  primary key (provider, alias)
);

alter table provider_states
  -- Since when it takes nothing, whatever its words for that were meanwhile; null: it takes messages.
  add column closed_at timestamptz,
  -- Not before then its queue is emptied (again); null: whenever it must be.
  add column queue_due_at timestamptz;

update provider_states set closed_at = changed_at where not open;

alter table contact_aliases enable row level security;

do $$
declare
  stranger text;
begin
  revoke all on contact_aliases from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on contact_aliases from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on contact_aliases to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on contact_aliases to comms_reader;
    create policy reading on contact_aliases for select to comms_reader using (true);
  end if;
end
$$;
