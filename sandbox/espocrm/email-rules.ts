import { credentials } from '../credentials.ts'
import type { Attributes } from './books.ts'
import { fieldsOf } from './entities.ts'
import { settable } from './field.ts'
import { badRequest, forbidden } from './refusal.ts'
import { mayImport } from './role.ts'
import type { Switches } from './switches.ts'

const openOnceSent = new Set(['parent', 'teams', 'assignedUser'])

/** Throws where `from` is new and not the API user's own address; the scope Import lifts that. */
export function checkFrom(switches: Switches, before: Attributes | undefined, after: Attributes): void {
  if (before && before.from === after.from) return
  const from = String(after.from ?? '').toLowerCase()
  if (from === '') throw badRequest("No 'from' address")
  if (!mayImport(switches) && from !== credentials.espocrm.userEmail)
    throw forbidden("Not allowed 'from' address.")
}

/**
 * What is left of a change of an email, the rest being reverted without a word. An archived one stays archived. One that
 * is, or was to become, neither archived nor a draft keeps everything but its custom fields, parent, teams and user.
 */
export function keptOfEmail(switches: Switches, before: Attributes, after: Attributes): Attributes {
  const kept: Record<string, unknown> = { ...after }
  const staysArchived = after.status === 'Archived'
  const isDraft = after.status === 'Draft' || (after.status === 'Sending' && before.status === 'Draft')
  if (!staysArchived) kept.dateSent = before.dateSent
  if (before.status === 'Archived') kept.status = 'Archived'
  if (staysArchived || isDraft) return kept
  for (const [name, field] of Object.entries(fieldsOf('Email', switches)))
    if (!field.isCustom && !openOnceSent.has(name))
      for (const attribute of settable(name, field)) kept[attribute] = before[attribute]
  return kept
}
