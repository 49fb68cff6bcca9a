-- What a person said of an attempt of unknown outcome, as the API takes it: sent, failed or retry. Its outcome stays unknown.
alter table message_attempts add column if not exists settled_as text;
