import { z } from 'zod'
import type { Call } from '../call.ts'
import type { NewTemplate, TemplateFilter, TemplateState } from '../kept.ts'

const template = z.object({
  id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  type: z.string(),
  message_text: z.string(),
  variables: z.array(z.string()),
  buttons: z.array(z.object({ id: z.string(), title: z.string() })),
  content_sid: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
})
export type TemplateRow = z.infer<typeof template>

const created = z.object({ outcome: z.enum(['created', 'name_taken']), template: template.optional() })
const changed = z.object({
  outcome: z.enum(['changed', 'stale', 'name_taken', 'missing']),
  template: template.optional(),
})

/** What is kept of message templates. */
export const templatesCalls = (call: Call) => ({
  async createTemplate({ id, tenantId, ...state }: NewTemplate, now?: Date) {
    const template = { id, tenant_id: tenantId, ...columns(state) }
    return created.parse(await call('create_template', { template, as_of: now }))
  },

  async listTemplates(filter: TemplateFilter): Promise<TemplateRow[]> {
    return z.array(template).parse(
      await call('list_templates', {
        tenant: filter.tenantId,
        of_type: filter.type,
        before_time: filter.before?.createdAt,
        before_id: filter.before?.id,
        at_most: filter.limit,
      }),
    )
  },

  async getTemplate(id: string, tenantId: string | undefined): Promise<TemplateRow | undefined> {
    const args = { wanted: id, tenant: tenantId }
    return template.nullable().parse(await call('get_template', args)) ?? undefined
  },

  /** Replaces the state that has `expected` as its `updated_at`. */
  async changeTemplate(
    id: string,
    tenantId: string | undefined,
    { state, expected, now }: { state: TemplateState; expected: Date; now?: Date },
  ) {
    const args = { wanted: id, tenant: tenantId, template: columns(state), expected, as_of: now }
    return changed.parse(await call('change_template', args))
  },

  /** How many there were: 0 or 1. */
  async deleteTemplate(id: string, tenantId: string | undefined): Promise<number> {
    return z.number().parse(await call('delete_template', { wanted: id, tenant: tenantId }))
  },
})

function columns({ name, type, messageText, variables, buttons, contentSid }: TemplateState) {
  return {
    name,
    type,
    message_text: messageText,
    variables,
    buttons: buttons.map(({ id, title }) => ({ id, title })),
    content_sid: contentSid,
  }
}
