import { z } from 'zod'
import { pageSize } from '#src/api/paging.ts'
import { line, moment, tenantId, text, whatsAppPerson } from '#src/api/params.ts'
import { commonFields } from '#src/api/send-params.ts'
import { longestButtonId, variableName } from '#src/model/template.ts'

/** WhatsApp's limits of a text, and of the quick replies that need no approval of their own. */
const longestText = 4_096
const mostButtons = 3
const longestTitle = 20
/** https://www.twilio.com/docs/content/send-templates-created-with-the-content-template-builder */
const mostVariables = 100

const button = z.strictObject({
  id: line(longestButtonId),
  title: line(longestTitle).refine((title) => !/[{}]/.test(title), 'must not hold variables or braces'),
})

const name = line(100)
const type = line(100)
const messageText = text(longestText)
const variables = z
  .array(
    z.string().regex(variableName, 'must be a name of at most 50 letters, digits and underscores'),
    'must be a list of names',
  )
  .max(mostVariables, `must have at most ${mostVariables} names`)
const buttons = z.array(button).max(mostButtons, `must have at most ${mostButtons} buttons`)
const contentSid = z.string().regex(/^HX[0-9a-fA-F]{32}$/, 'must be HX and 32 hexadecimal digits')

export const templateId = z.uuid('must be the uuid of a template (its message.id)')

export const newTemplate = z.strictObject({
  tenantId: tenantId.optional(),
  name,
  type,
  messageText,
  variables: variables.default([]),
  buttons: buttons.default([]),
  contentSid: contentSid.nullable().default(null),
})

export const templateChange = z.strictObject({
  name: name.optional(),
  type: type.optional(),
  messageText: messageText.optional(),
  variables: variables.optional(),
  buttons: buttons.optional(),
  contentSid: contentSid.nullable().optional(),
  /** The state that the change was made for. */
  updatedAt: moment.optional(),
})

export const templateList = z.strictObject({
  tenantId: tenantId.optional(),
  type: type.optional(),
  limit: pageSize,
  cursor: line(200).optional(),
})

/** What WhatsApp takes for a variable: https://www.twilio.com/docs/whatsapp/tutorial/message-template-approvals-statuses */
const value = line(1_024)
  .refine((text) => !/ {5}/.test(text), 'must not have more than four spaces in a row')
  // Twilio refuses a message with a blank one (21656).
  .refine((text) => text === '' || /[^\s\p{Cf}\u2800\u3164\uffa0]/u.test(text), 'must not be blank')

/** One message of a template; `country` is the one that a national number means. */
export const templateSend = (country: string) =>
  z.strictObject({
    ...commonFields,
    toPhoneNumber: whatsAppPerson(country),
    variables: z.record(z.string(), value).default({}),
  })
