-- What of an email was to be tracked, and by which consent: {opens, clicks, consent?: {at, how}}. Beside what was sent, which goes
-- some time after: the consent is proven as long as the message is kept. Null: nothing was to be tracked.
alter table messages add column tracking jsonb;

-- As the table's other columns, but for bodies (023_readers.sql).
do $$
begin
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select (tracking) on messages to comms_reader;
  end if;
end
$$;
