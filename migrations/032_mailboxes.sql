-- The mailboxes that we read: how far, and which process does. Nothing in a mailbox itself says so: it is left as it is.
create table mailboxes (
  -- Its host and user.
  mailbox text primary key,
  -- The numbers of its mails hold as long as this is the same (RFC 9051 §2.3.1.1).
  uid_validity bigint,
  -- All mails up to this one were read.
  last_uid bigint,
  owner text,
  leased_until timestamptz,
  updated_at timestamptz not null
);

alter table mailboxes enable row level security;

do $$
declare
  stranger text;
begin
  revoke all on mailboxes from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on mailboxes from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on mailboxes to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on mailboxes to comms_reader;
    create policy reading on mailboxes for select to comms_reader using (true);
  end if;
end
$$;
