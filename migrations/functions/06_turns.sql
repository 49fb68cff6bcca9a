-- Providers that take so many messages an hour and no more. Called by src/sending/turns.ts. Promises that their messages go out one after
-- another, in even pauses, whichever processes hand them over.

-- Called by take_turn. How many wait for a provider before one of this urgency: those whose turn has not come, and those that are due.
create or replace function waiting_before(by_provider text, before_urgency smallint, moment timestamptz) returns bigint
language sql stable
as $$
  select count(*)
  from public.messages m
  where m.provider = by_provider and m.urgency <= before_urgency
    -- Told apart from what waits for another reason: to be sent tomorrow, or until a mailbox is there again.
    and (m.next_attempt_at <= moment or m.error_code = 'paced')
    and m.next_attempt_at is not null
$$;

-- Called before a message is handed to such a provider (`by_provider`), of which its attempt has begun. Promises one turn each
-- `gap_seconds`. One that has been waiting (`in_line`) is next, and where it comes up to `late_seconds` late, the one after it does
-- not; another one stands behind those who wait and are as urgent or more. Those who were told within `telling_seconds` are not among those who wait
-- yet. Answers {granted, wait_seconds: until the next turn, or until that of this message}.
create or replace function take_turn(
  wanted uuid,
  by_provider text,
  in_line boolean,
  gap_seconds double precision,
  late_seconds double precision,
  telling_seconds double precision,
  as_of timestamptz
) returns jsonb
language plpgsql
as $$
declare
  moment timestamptz;
  gap interval := make_interval(secs => gap_seconds);
  turn provider_turns;
  own smallint;
  before bigint := 0::bigint;
  mine timestamptz;
begin
  insert into provider_turns (provider, next_at) values (by_provider, '-infinity') on conflict do nothing;
  select * into turn from provider_turns t where t.provider = by_provider for update;
  -- Not when it began: it may have waited for another's turn.
  moment := coalesce(as_of, clock_timestamp());
  select m.urgency into own from messages m where m.id = wanted;
  if not in_line then
    before := waiting_before(by_provider, own, moment);
  end if;
  if turn.next_at <= moment and before = 0 then
    update provider_turns t
    set next_at = gap + case
      when in_line then greatest(turn.next_at, moment - make_interval(secs => late_seconds))
      else moment
    end
    where t.provider = by_provider
    returning * into turn;
    return jsonb_build_object('granted', true, 'wait_seconds', extract(epoch from turn.next_at - moment));
  end if;
  mine := greatest(turn.next_at, moment) + before * gap;
  if not in_line then
    if turn.told_urgency <= own and turn.told_at > moment - make_interval(secs => telling_seconds) then
      mine := greatest(mine, turn.told_next_at);
    end if;
    update provider_turns t
    set told_at = moment, told_next_at = mine + gap, told_urgency = own
    where t.provider = by_provider;
  end if;
  return jsonb_build_object('granted', false, 'wait_seconds', extract(epoch from mine - moment));
end
$$;
