-- The mailboxes that we read, and whose a mail is that a report in one is about. Called by src/email/.

-- Promises that one process at a time reads a mailbox: `reader` has it for `lease_seconds` (0: it leaves it) where nobody else does.
-- Answers how far it was read, {uid_validity, last_uid}, each null where nobody knows; null where another process has it.
create or replace function hold_mailbox(
  of_mailbox text,
  reader text,
  lease_seconds integer,
  as_of timestamptz
) returns jsonb
language sql
as $$
  insert into mailboxes as b (mailbox, owner, leased_until, updated_at)
  select of_mailbox, reader, moment + make_interval(secs => lease_seconds), moment
  from coalesce(as_of, now()) as moment
  on conflict (mailbox) do update
  set owner = excluded.owner, leased_until = excluded.leased_until, updated_at = excluded.updated_at
  where b.owner = excluded.owner or b.leased_until is null or b.leased_until <= excluded.updated_at
  returning jsonb_build_object('uid_validity', b.uid_validity, 'last_uid', b.last_uid)
$$;

-- Promises that what was read is not read again, by whoever has the mailbox next. Answers whether `reader` still has it: it is
-- kept only then.
create or replace function keep_mailbox(
  of_mailbox text,
  reader text,
  validity bigint,
  read_to bigint,
  lease_seconds integer,
  as_of timestamptz
) returns jsonb
language sql
as $$
  with kept as (
    update mailboxes b
    set
      uid_validity = validity,
      last_uid = read_to,
      leased_until = moment + make_interval(secs => lease_seconds),
      updated_at = moment
    from coalesce(as_of, now()) as moment
    where b.mailbox = of_mailbox and b.owner = reader
    returning b.mailbox
  )
  select to_jsonb(exists (select from kept))
$$;

-- Whom an email went to, and when it was made: {recipient, copies, created_at}; null: there is none of this id.
create or replace function mail_sent_to(of_message uuid) returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'recipient', m.recipient,
    'copies', coalesce((select jsonb_agg(c.address) from message_copies c where c.message_id = m.id), '[]'),
    'created_at', m.created_at
  )
  from messages m
  where m.id = of_message and m.direction = 'outbound' and m.channel = 'email'
$$;
