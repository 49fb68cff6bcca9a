-- Whether a message's `expires_at` is our own rule, by the age of its purpose: its caller said nothing. It may be told from what
-- was asked for: its escalation goes on, and who sends it again gives it as long once more.
alter table messages add column if not exists expires_by_default boolean not null default false;
