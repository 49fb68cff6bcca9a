import { createHash } from 'node:crypto'
import { filled, numberOf, type TemplateContent, variablesIn } from '#src/model/template.ts'
import type { Content } from './content.ts'

/** A template of ours, as far as Twilio is told of it. */
export interface NamedTemplate extends TemplateContent {
  id: string
  name: string
}

const longestText = 1_024
const mostEmoji = 10

/** A template as Twilio's content: its variables by number, each with its name as the sample. */
export function templateContent(template: NamedTemplate, language: string): Content {
  const { messageText, variables, buttons } = template
  const numbered = (text: string) =>
    filled(text, (name) => `{{${numberOf(variables, variables.indexOf(name))}}}`)
  const body = numbered(messageText)
  const actions = buttons.map(({ id, title }) => ({ type: 'QUICK_REPLY', title, id: numbered(id) }))
  return {
    friendly_name: contentName(template, language),
    language,
    variables: Object.fromEntries(variables.map((name, index) => [numberOf(variables, index), name])),
    types: actions.length > 0 ? { 'twilio/quick-reply': { body, actions } } : { 'twilio/text': { body } },
  }
}

/**
 * The name under which Twilio and WhatsApp know it. Other texts have another name: what WhatsApp has approved or rejected
 * under one is never changed, and the same push made twice meets what the first one made.
 */
function contentName(template: NamedTemplate, language: string): string {
  const { id, name, messageText, variables, buttons } = template
  const plain = name.normalize('NFD').toLowerCase().replace(/\p{M}/gu, '')
  const slug = plain.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '')
  const digest = createHash('sha256')
    .update(JSON.stringify([id, language, messageText, variables, buttons.map((one) => [one.id, one.title])]))
    .digest('hex')
  return `${slug.slice(0, 60) || 'template'}_${digest.slice(0, 10)}`
}

/**
 * Why WhatsApp would surely reject it, each with its remedy: a rejected name is lost for 30 days.
 * https://www.twilio.com/docs/whatsapp/tutorial/message-template-approvals-statuses
 */
export function objections({ messageText, variables }: TemplateContent): string[] {
  const text = messageText.trim()
  const numbers = variablesIn(text).map((name) => Number(numberOf(variables, variables.indexOf(name))))
  const found: [boolean, string][] = [
    [/^\{\{|\}\}$/.test(text), 'begins or ends with a variable (put a word or a full stop there)'],
    [/\}\}\s*\{\{/.test(text), 'has two variables side by side (put a word between them)'],
    [
      Math.max(0, ...numbers) > numbers.length,
      'has variables in buttons alone that are declared before those of the text (declare them last)',
    ],
    [text.length > longestText, `is longer than ${longestText} characters`],
    [/\bwa\.me\b/i.test(text), 'has a wa.me link (remove it)'],
    [
      (text.match(/\p{Extended_Pictographic}/gu) ?? []).length > mostEmoji,
      `has more than ${mostEmoji} emoji`,
    ],
  ]
  return found.flatMap(([wrong, objection]) => (wrong ? [objection] : []))
}
