-- concurrently

-- Whose escalations go on, and what they are about. Looked up when somebody writes, so nothing may be left to be sorted in later
-- (fastupdate).
create index concurrently if not exists escalations_addresses on escalations using gin (addresses) with (fastupdate = off)
  where stopped is null;

create index concurrently if not exists escalations_parent on escalations (parent_id)
  where stopped is null and parent_id is not null;
