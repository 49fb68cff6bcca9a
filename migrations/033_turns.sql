-- Providers that take so many messages an hour and no more: when the next may go out, whichever process hands it over.
create table provider_turns (
  provider text primary key,
  next_at timestamptz not null,
  -- What was told last of when one may go, to whom that is, and when: those who ask at once are told one after another.
  told_at timestamptz,
  told_next_at timestamptz,
  told_urgency smallint
);

alter table provider_turns enable row level security;
