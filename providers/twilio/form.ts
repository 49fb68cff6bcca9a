import type { WebhookRequest } from '#src/contract/provider.ts'
import { perObject } from '#src/model/per-object.ts'

/** The decoded parameters of a form or a query; a repeated name is the list of its values. */
export type Form = Readonly<Record<string, string | string[]>>

/** Whether Twilio signed the body's parameters; an empty body is a form of none. */
export function isForm(request: WebhookRequest): boolean {
  const type = request.headers['content-type'] ?? ''
  return request.body.length === 0 || /^application\/x-www-form-urlencoded\b/i.test(type)
}

/** The values of one parameter, in their order. */
export function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

/** An urlencoded text as an object; never throws. fromEntries defines each name, so `__proto__` is only a name. */
export function formOf(text: string): Form {
  const form = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const before = form.get(name)
    if (before === undefined) form.set(name, value)
    else if (typeof before === 'string') form.set(name, [before, value])
    else before.push(value)
  }
  return Object.fromEntries(form)
}

/** The body's form: its proof, its items and its answer all look at it. */
export const bodyForm = perObject((request: WebhookRequest): Form => formOf(request.body.toString('utf8')))

/** The query of a URL, without `?` and fragment. */
export function queryOf(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1)
  const start = beforeFragment.indexOf('?')
  return start === -1 ? '' : beforeFragment.slice(start + 1)
}
