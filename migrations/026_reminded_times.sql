-- When the appointment was that a message is about, as the CRM had it when the message went out: an answer to it is an answer
-- about that time, and about no other.
alter table messages add column appointment_at timestamptz;
