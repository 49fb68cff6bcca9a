-- The functions as they are now: these files in their order, one a subject, whose first lines say who calls it. (The triggers'
-- functions stand with their tables, in the numbered files.) Re-applied whole, in one transaction, at each migration that finds
-- another digest.
-- Named arguments in, jsonb out. SQL decides sets and atomicity; what an event means is decided before it gets here, and so
-- is how long anything is waited for: each span, pause, limit and lease is an argument, from src/patience.ts. But for two: how
-- long a function waits for a lock is a setting (14_end.sql), and what triggers take for late stands with them (014, 015).
--
-- A function is replaced in its place, since calls are under way: one that finds a function dropped fails (XX000). What is
-- made here no more stays until the next migration (14_end.sql), for the processes of the release before. Therefore:
-- - A new parameter has no default. With it the function is another one beside the one that the release before calls;
--   with a default, a call would fit both (42725).
-- - Where a parameter's name or the type of the answer changes and the parameters' types do not, the function gets a
--   new name: it cannot be replaced (42P13).
-- - A field that is new in an argument of jsonb may be missing there.
--
-- Search path, time zone, the wait for a lock, JIT and what the planner is told are set in 14_end.sql, for the functions that are
-- called from outside.

-- What the last migration did not make: 14_end.sql drops of it what is not made now either. A function that it did make is of
-- its transaction, as its row of the ledger is; where none is, since a backup was read back, nothing is dropped.
select set_config('max_comms.former', coalesce(string_agg(o.oid::text, ' '), ''), true)
from (
  select p.oid, p.xmin = l.xmin as made_last, bool_or(p.xmin = l.xmin) over () as known
  from pg_proc p
  join schema_migrations l on l.version = 0
  where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') = 'max-comms'
) o
where o.known and not o.made_last;
