import { z } from 'zod'
import type { ActionAnswer, Asking } from '#src/api/action.ts'
import { escalated, type Prepare } from '#src/api/escalate-params.ts'
import { invalid, parsed } from '#src/api/params.ts'
import { sendRequest } from '#src/api/send-params.ts'
import { longestButtonId, type RenderedTemplate, rendered, valueIssues } from '#src/model/template.ts'
import type { Deliver } from '#src/sending/deliver.ts'
import type { TemplateState } from '#src/store/kept.ts'
import type { Store } from '#src/store/store.ts'
import { templateSend } from './template-params.ts'
import { knownTemplate, stateOf } from './templates.ts'

export type SendTemplate = ReturnType<typeof createSendTemplate>

const longestText = 20_000

/** Sends one WhatsApp message made from a template, as every send goes. Throws AppError where it is refused. */
export function createSendTemplate(tools: {
  store: Store
  deliver: Deliver
  /** The country that a national phone number means. */
  country: string
  now: () => Date
  sends: ReadonlyMap<string, Prepare>
}) {
  const { store, deliver, country, now, sends } = tools
  const schema = templateSend(country)
  return async function sendTemplate(id: unknown, params: unknown, asking: Asking): Promise<ActionAnswer> {
    const { toPhoneNumber: to, variables, ...common } = parsed(schema, params)
    const template = await knownTemplate(store, id, asking, common.tenantId)
    const message = filledIn(stateOf(template), new Map(Object.entries(variables)))
    // A repeat is the same request for the same template.
    const asked = { ...z.record(z.string(), z.unknown()).parse(params), template: template.id }
    const fields = { ...common, tenantId: template.tenant_id }
    const { tenantId, request } = sendRequest('sendTemplate', asked, fields, asking, now())
    const send = {
      ...request,
      template: { id: template.id, type: template.type },
      message: { channel: 'whatsapp' as const, tenantId, to, ...message },
    }
    const answer = await deliver(escalated(send, sends, asking))
    return { status: answer.status, body: { ...answer.body, messageSid: answer.body.entityId, to } }
  }
}

/** What is sent of a template with these values. Throws AppError 400 where one is missing, too many or too long. */
function filledIn(template: TemplateState, values: ReadonlyMap<string, string>) {
  const issues = valueIssues(template.variables, values)
  if (issues.length > 0) throw invalid(issues)
  const { body, buttons, numbered } = rendered(template, values)
  const tooLong = tooLongOf({ body, buttons })
  if (tooLong !== undefined) throw invalid([{ path: 'variables', message: tooLong }])
  const { contentSid } = template
  return {
    body,
    buttons: buttons.length > 0 ? buttons : undefined,
    template: contentSid === null ? undefined : { contentSid, variables: numbered },
  }
}

function tooLongOf({ body, buttons }: Omit<RenderedTemplate, 'numbered'>): string | undefined {
  if (body.length > longestText) return `must not make the text longer than ${longestText} characters`
  return buttons.some(({ id }) => id.length > longestButtonId)
    ? `must not make the id of a button longer than ${longestButtonId} characters`
    : undefined
}
