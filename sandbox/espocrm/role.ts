import { entityOf, isEntity } from './entities.ts'
import { forbidden } from './refusal.ts'
import type { Switches } from './switches.ts'

export type Action = 'create' | 'read' | 'edit' | 'delete' | 'stream'

/** Whether the API user's role allows it. Users and teams may only be read; only what has a stream has one to see. */
export function may(switches: Switches, scope: string, action: Action): boolean {
  const { forbiddenScopes } = switches
  if (forbiddenScopes.includes(scope) || forbiddenScopes.includes(`${scope}.${action}`)) return false
  if (scope === 'User' || scope === 'Team') return action === 'read'
  if (action === 'stream') return isEntity(scope) && entityOf(scope).stream
  return true
}

/** Throws 403 where the role does not allow it. */
export function demand(switches: Switches, scope: string, action: Action): void {
  if (!may(switches, scope, action)) throw forbidden(`No ${action} access.`)
}

export function mayImport({ forbiddenScopes }: Switches): boolean {
  return !forbiddenScopes.includes('Import')
}

export function mayReadField({ forbiddenFields }: Switches, entity: string, field: string): boolean {
  return !forbiddenFields.includes(`${entity}.${field}:read`)
}

export function mayEditField(switches: Switches, entity: string, field: string): boolean {
  return mayReadField(switches, entity, field) && !switches.forbiddenFields.includes(`${entity}.${field}`)
}
