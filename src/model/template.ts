import type { Issue } from './errors.ts'
import type { OutgoingText } from './message.ts'

/** One quick reply: what the customer reads on the button, and what comes back when it is pressed. */
export interface TemplateButton {
  /** May hold variables: `confirm:{{appointmentId}}`. */
  id: string
  title: string
}

/** A message with names for what changes: `Bonjour {{prenom}}`. */
export interface TemplateContent {
  messageText: string
  /** The names, in the order that numbers them at Twilio; one that is a number keeps it. */
  variables: string[]
  buttons: TemplateButton[]
}

/** A template made into one message. */
export interface RenderedTemplate {
  body: string
  buttons: TemplateButton[]
  /** The values by their numbers, as Twilio's Content API has them: `{"1": "Marie"}`. */
  numbered: Record<string, string>
}

/** A variable's name: letters, digits and underscores, not an underscore first. */
export const variableName = /^[\p{L}\p{N}][\p{L}\p{N}_]{0,49}$/u

const placeholder = /\{\{\s*([\p{L}\p{N}][\p{L}\p{N}_]{0,49})\s*\}\}/gu
const braces = /\{\{|\}\}/
/** What Twilio takes of a button's id: https://www.twilio.com/docs/content/twilio-quick-reply */
export const longestButtonId = 200

/** The names that a text uses, each once, in its order. */
export function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(placeholder)].map(([, name = '']) => name))]
}

/** A text with each variable replaced; what a value holds is never itself replaced. */
export function filled(text: string, value: (name: string) => string): string {
  return text.replace(placeholder, (_match, name: string) => value(name))
}

/** What is wrong between a template's texts and the names that it declares, both ways. */
export function templateIssues({ messageText, variables, buttons }: TemplateContent): Issue[] {
  const texts = [
    { path: 'messageText', text: messageText },
    ...buttons.map(({ id }, index) => ({ path: `buttons.${index}.id`, text: id })),
  ]
  const used = new Set(texts.flatMap(({ text }) => variablesIn(text)))
  const undeclared = texts.flatMap(({ path, text }) =>
    variablesIn(text)
      .filter((name) => !variables.includes(name))
      .map((name) => ({ path: 'variables', message: `must have ${name}, which ${path} uses` })),
  )
  return [
    ...texts.filter(({ text }) => braces.test(filled(text, () => ''))).map(({ path }) => malformed(path)),
    ...undeclared,
    ...variables.flatMap((name, index) => (used.has(name) ? [] : [unused(index)])),
    ...repeated(variables, 'variables', ''),
    ...repeated(
      buttons.map(({ id }) => id),
      'buttons',
      '.id',
    ),
    ...repeated(
      buttons.map(({ title }) => title),
      'buttons',
      '.title',
    ),
  ]
}

function malformed(path: string): Issue {
  return { path, message: 'must have its variables as {{name}}: letters, digits and underscores' }
}

function unused(index: number): Issue {
  return {
    path: `variables.${index}`,
    message: 'is used neither in messageText nor in the id of a button (remove it)',
  }
}

/** WhatsApp tells buttons apart by both: https://developers.facebook.com/docs/whatsapp/guides/interactive-messages */
function repeated(values: readonly string[], path: string, field: string): Issue[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index
      ? [{ path: `${path}.${index}${field}`, message: 'is there twice (remove one)' }]
      : [],
  )
}

/** What is wrong with the values for one message: every variable has one, and there is none besides. */
export function valueIssues(variables: readonly string[], values: ReadonlyMap<string, string>): Issue[] {
  return [
    ...variables
      .filter((name) => !values.has(name))
      .map((name) => ({ path: `variables.${name}`, message: 'is required' })),
    ...[...values.keys()]
      .filter((name) => !variables.includes(name))
      .map((name) => ({
        path: `variables.${name}`.slice(0, 200),
        message: 'is not a variable of this template (remove it)',
      })),
  ]
}

/** One message of a template. Every variable must have its value: see `valueIssues`. */
export function rendered(
  { messageText, variables, buttons }: TemplateContent,
  values: ReadonlyMap<string, string>,
): RenderedTemplate {
  const value = (name: string) => values.get(name) ?? ''
  return {
    body: filled(messageText, value),
    buttons: buttons.map(({ id, title }) => ({ id: filled(id, value), title })),
    numbered: Object.fromEntries(variables.map((name, index) => [numberOf(variables, index), value(name)])),
  }
}

const numbered = /^(?:[1-9]\d?|100)$/

/**
 * The number that Twilio knows a variable by. One that is called by a number, as a text that was made there has them, keeps it,
 * wherever it is listed; the others have what is left, in their order.
 */
export function numberOf(variables: readonly string[], index: number): string {
  const name = variables[index] ?? ''
  if (numbered.test(name)) return name
  const free = variables.map((_, at) => String(at + 1)).filter((number) => !variables.includes(number))
  const others = variables.filter((one) => !numbered.test(one))
  return free[others.indexOf(name)] ?? String(index + 1)
}

/** A text as it reads where there are no buttons to press: their titles below it, one a line, to be typed. */
export function plainText({ body, buttons = [] }: Pick<OutgoingText, 'body' | 'buttons'>): string {
  return buttons.length === 0 ? body : `${body}\n\n${buttons.map(({ title }) => `• ${title}`).join('\n')}`
}
