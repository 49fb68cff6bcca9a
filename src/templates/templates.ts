import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { tenantFor, visibleTenant } from '#src/api/access.ts'
import type { ActionAnswer, Asking } from '#src/api/action.ts'
import { nextCursor, positionOf } from '#src/api/paging.ts'
import { invalid, parsed } from '#src/api/params.ts'
import { view } from '#src/api/view.ts'
import { AppError } from '#src/model/errors.ts'
import { templateIssues } from '#src/model/template.ts'
import type { TemplateRow } from '#src/store/calls/templates.ts'
import type { TemplateState } from '#src/store/kept.ts'
import type { Store } from '#src/store/store.ts'
import { newTemplate, templateChange, templateId, templateList } from './template-params.ts'

export type Templates = ReturnType<typeof createTemplates>

/** What may be asked of message templates. Each throws AppError where it is refused; another tenant's is not found. */
export function createTemplates({ store, now }: { store: Store; now: () => Date }) {
  return {
    async create(params: unknown, { access }: Asking): Promise<ActionAnswer> {
      const { tenantId, ...state } = parsed(newTemplate, params)
      const tenant = tenantFor(access, tenantId)
      fits(state)
      const created = await store.createTemplate({ id: randomUUID(), tenantId: tenant, ...state }, now())
      return shown(201, created)
    },

    async list(params: unknown, { access }: Asking): Promise<ActionAnswer> {
      const { tenantId, type, limit, cursor } = parsed(templateList, params)
      const page = await store.listTemplates({
        tenantId: visibleTenant(access, tenantId),
        type,
        before: cursor === undefined ? undefined : positionOf(cursor),
        limit: limit + 1,
      })
      const messages = page.slice(0, limit).map(view)
      return { status: 200, body: { success: true, messages, nextCursor: nextCursor(page, limit) } }
    },

    async get(id: unknown, asking: Asking): Promise<ActionAnswer> {
      return shown(200, { template: await knownTemplate(store, id, asking) })
    },

    async change(id: unknown, params: unknown, asking: Asking): Promise<ActionAnswer> {
      const wish = parsed(templateChange, params)
      const template = await knownTemplate(store, id, asking)
      const state = changed(stateOf(template), wish)
      fits(state)
      const expected = wish.updatedAt ?? new Date(template.updated_at)
      const change = { state, expected, now: now() }
      return shown(200, await store.changeTemplate(template.id, asking.access.tenantId, change))
    },

    async remove(id: unknown, { access }: Asking): Promise<ActionAnswer> {
      const gone = await store.deleteTemplate(idOf(id), access.tenantId)
      if (gone === 0) throw noSuchTemplate()
      return { status: 200, body: { success: true } }
    },
  }
}

function fits(state: TemplateState): void {
  const issues = templateIssues(state)
  if (issues.length > 0) throw invalid(issues)
}

/** The template of an id; `named` is the tenant that a request of every tenant's names. Throws AppError 404. */
export async function knownTemplate(
  store: Store,
  id: unknown,
  { access }: Asking,
  named?: string,
): Promise<TemplateRow> {
  const template = await store.getTemplate(idOf(id), visibleTenant(access, named))
  if (!template) throw noSuchTemplate()
  return template
}

function idOf(id: unknown): string {
  return parsed(z.object({ id: templateId }), { id }).id
}

function noSuchTemplate(): AppError {
  return new AppError(
    'not_found',
    404,
    "template: there is none with this id (check the id, and the token's tenant)",
  )
}

/** What a row says of its template. */
export function stateOf(row: TemplateRow): TemplateState {
  const { name, type, message_text: messageText, variables, buttons, content_sid: contentSid } = row
  return { name, type, messageText, variables, buttons, contentSid }
}

/** The template as it is wished. What Twilio knows is never changed: other texts are another template there. */
function changed(before: TemplateState, wish: z.infer<typeof templateChange>): TemplateState {
  const state = {
    name: wish.name ?? before.name,
    type: wish.type ?? before.type,
    messageText: wish.messageText ?? before.messageText,
    variables: wish.variables ?? before.variables,
    buttons: wish.buttons ?? before.buttons,
  }
  const contentSid = sameTexts(before, state) ? before.contentSid : null
  return { ...state, contentSid: wish.contentSid === undefined ? contentSid : wish.contentSid }
}

function sameTexts(before: TemplateState, after: Omit<TemplateState, 'contentSid'>): boolean {
  const texts = ({ messageText, variables, buttons }: typeof after) =>
    JSON.stringify([messageText, variables, buttons.map(({ id, title }) => [id, title])])
  return texts(before) === texts(after)
}

/** The template, or why it was neither made nor changed. */
function shown(
  status: number,
  { outcome, template }: { outcome?: string; template?: TemplateRow | undefined },
): ActionAnswer {
  if (outcome === 'name_taken')
    throw new AppError('name_taken', 409, 'name: another template of this tenant has it (choose another)')
  if (outcome === 'stale')
    throw new AppError('template_changed', 409, 'template: changed by somebody else meanwhile (get it again)')
  if (!template) throw noSuchTemplate()
  return { status, body: { success: true, message: view(template) } }
}
