-- Message templates. Called by src/templates/. Promises one template a tenant and name, and that no change is made to another
-- state than the one it was made for.

-- Called by POST /api/whatsapp/messages. Promises one template a tenant and name. `template` holds the columns' values.
-- Answers {outcome: created | name_taken, template}.
create or replace function create_template(template jsonb, as_of timestamptz) returns jsonb
language plpgsql
as $$
declare
  moment timestamptz := date_trunc('milliseconds', coalesce(as_of, now()));
  wanted whatsapp_templates := jsonb_populate_record(null::whatsapp_templates, template);
begin
  insert into whatsapp_templates (
    id, tenant_id, name, type, message_text, variables, buttons, content_sid, created_at, updated_at
  ) values (
    wanted.id, wanted.tenant_id, wanted.name, wanted.type, wanted.message_text, wanted.variables, wanted.buttons,
    wanted.content_sid, moment, moment
  )
  on conflict (tenant_id, name) do nothing
  returning * into wanted;
  if not found then
    return jsonb_build_object('outcome', 'name_taken');
  end if;
  return jsonb_build_object('outcome', 'created', 'template', to_jsonb(wanted));
end
$$;

-- Called by GET /api/whatsapp/messages. Promises the newest templates first, at most `at_most`, after the cursor
-- (created_at, id).
create or replace function list_templates(
  tenant text,
  of_type text,
  before_time timestamptz,
  before_id uuid,
  at_most integer
) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(to_jsonb(t) order by t.created_at desc, t.id desc), '[]')
  from (
    select *
    from whatsapp_templates t
    where (tenant is null or t.tenant_id = tenant)
      and (of_type is null or t.type = of_type)
      and (before_time is null or (t.created_at, t.id) < (before_time, before_id))
    order by t.created_at desc, t.id desc
    limit at_most
  ) t
$$;

-- Called by GET /api/whatsapp/messages/:id, before a change and before a send. Null: not there, or another tenant's.
create or replace function get_template(wanted uuid, tenant text) returns jsonb
language sql stable
as $$
  select to_jsonb(t)
  from whatsapp_templates t
  where t.id = wanted and (tenant is null or t.tenant_id = tenant)
$$;

-- Called by PATCH /api/whatsapp/messages/:id. Promises that `template`, all columns that may change, replaces the state of
-- `expected` and no later one. Answers {outcome: changed | stale | name_taken | missing, template}.
create or replace function change_template(
  wanted uuid,
  tenant text,
  template jsonb,
  expected timestamptz,
  as_of timestamptz
) returns jsonb
language plpgsql
as $$
declare
  moment timestamptz := date_trunc('milliseconds', coalesce(as_of, now()));
  known whatsapp_templates;
  fresh whatsapp_templates := jsonb_populate_record(null::whatsapp_templates, template);
begin
  select * into known from whatsapp_templates t
  where t.id = wanted and (tenant is null or t.tenant_id = tenant)
  for update;
  if known.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if known.updated_at <> expected then
    return jsonb_build_object('outcome', 'stale', 'template', to_jsonb(known));
  end if;
  update whatsapp_templates t
  set
    name = fresh.name,
    type = fresh.type,
    message_text = fresh.message_text,
    variables = fresh.variables,
    buttons = fresh.buttons,
    content_sid = fresh.content_sid,
    updated_at = greatest(moment, known.updated_at + interval '1 millisecond')
  where t.id = wanted
  returning * into known;
  return jsonb_build_object('outcome', 'changed', 'template', to_jsonb(known));
exception
  when unique_violation then
    return jsonb_build_object('outcome', 'name_taken');
end
$$;

-- Called by DELETE /api/whatsapp/messages/:id. Answers how many there were: 0 or 1. What was sent from it stays.
create or replace function delete_template(wanted uuid, tenant text) returns jsonb
language sql
as $$
  with gone as (
    delete from whatsapp_templates t
    where t.id = wanted and (tenant is null or t.tenant_id = tenant)
    returning 1
  )
  select to_jsonb(count(*)) from gone
$$;
