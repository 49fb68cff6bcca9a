-- When the appointment was that a message is about, as the CRM had it when the message went out: an answer to it is an answer
-- about that time, and about no other.
alter table messages add column appointment_at timestamptz;

-- As the table's other columns, but for bodies (023_readers.sql).
do $$
begin
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select (appointment_at) on messages to comms_reader;
  end if;
end
$$;
