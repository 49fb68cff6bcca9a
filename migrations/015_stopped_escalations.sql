-- What ends an escalation before its steps do: whom it is to reach, so that it is found when that person says something; what it
-- is about; and what ended it.
alter table escalations
  -- Of the first message and of every step, an email's in lower case.
  add column addresses text[] not null default '{}',
  add column parent_type text,
  add column parent_id text,
  -- Null: it goes on, or came to its own end.
  add column stopped text;

update escalations e
set
  addresses = array(
    select m.recipient from messages m where m.escalation_id = e.id
    union
    select lower(s.request -> 'message' ->> 'to') from escalation_steps s where s.escalation_id = e.id
  ),
  parent_type = first.parent_type,
  parent_id = first.parent_id
from messages first
where first.id = e.id
  and exists (
    select from escalation_steps s where s.escalation_id = e.id and s.state in ('waiting', 'claimed')
  );
