-- What this database has: one row a numbered file, and all functions as version 0. Applied at each migration, before the
-- others, and with their privileges: nothing for anon and authenticated.
create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  -- SHA-256 of the file as it was applied.
  digest text not null,
  applied_at timestamptz not null default now()
);

alter table schema_migrations enable row level security;
revoke all on schema_migrations from public;

do $$
declare
  stranger text;
begin
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on schema_migrations from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on schema_migrations to service_role;
  end if;
end
$$;
