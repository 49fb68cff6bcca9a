-- What a message is for, as far as it says who goes first of those that wait for one provider: the lowest. 0: a text to act on, such
-- as a code; 1: a reminder; 2: an email. Of what was reserved by a release that does not say it is 1. The constant default
-- rewrites no table.
alter table messages add column if not exists urgency smallint not null default 1;

-- How long our own rule gives it from when it is due, where that is what gives it its end: as long once more where a person has it
-- sent again.
alter table messages add column if not exists waits_seconds double precision;

-- As the table's other columns, but for bodies (023_readers.sql).
do $$
begin
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select (urgency, waits_seconds) on messages to comms_reader;
  end if;
end
$$;
