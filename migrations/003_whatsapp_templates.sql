-- A WhatsApp message that is written once, with names for what changes: "Bonjour {{prenom}}". `variables` are these names;
-- their order numbers them at Twilio, which knows the same template as `content_sid` where it is set.
create table whatsapp_templates (
  id uuid primary key,
  tenant_id text not null,
  name text not null,
  type text not null,
  message_text text not null,
  variables jsonb not null,
  -- [{id, title}]
  buttons jsonb not null,
  content_sid text,
  created_at timestamptz not null,
  -- To the millisecond and never twice the same, so that a change can say which state it was made for.
  updated_at timestamptz not null,
  unique (tenant_id, name)
);

-- Which template a message was made from, and of which type it was then: the template may be changed or deleted since.
alter table messages add column template_id uuid;
alter table messages add column template_type text;

alter table whatsapp_templates enable row level security;

do $$
declare
  stranger text;
begin
  revoke all on whatsapp_templates from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on whatsapp_templates from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on whatsapp_templates to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on whatsapp_templates to comms_reader;
    create policy reading on whatsapp_templates for select to comms_reader using (true);
  end if;
end
$$;
