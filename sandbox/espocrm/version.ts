import type { Attributes } from './books.ts'
import { EspoRefusal } from './refusal.ts'

/**
 * Throws 409 where the record was changed since the client read it: only where the client says what it read
 * (`X-Version-Number`), the entity counts its versions, and the change makes a difference.
 */
export function checkVersion(before: Attributes, changes: Attributes, version: number | undefined): void {
  const versionNumber = before.versionNumber ?? undefined
  if (version === undefined || versionNumber === undefined || version === versionNumber) return
  const names = Object.keys(changes).filter(
    (name) => JSON.stringify(changes[name]) !== JSON.stringify(before[name]),
  )
  if (names.length === 0) return
  const values = Object.fromEntries(names.map((name) => [name, before[name]]))
  throw new EspoRefusal(409, 'modified', { values, versionNumber })
}
