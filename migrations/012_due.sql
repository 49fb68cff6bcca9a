-- What a message was before it was claimed: so it is due again where nobody heard of the claim. Null: a send's own attempt.
alter table message_attempts add column if not exists before jsonb;
