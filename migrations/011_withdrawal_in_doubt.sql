-- Of what was said at one moment, or may have been, the withdrawal counts.
alter table suppressions
  drop column active,
  add column active boolean not null generated always as (
    withdrawn_at is not null and (given_at is null or given_at <= withdrawn_at)
  ) stored;
