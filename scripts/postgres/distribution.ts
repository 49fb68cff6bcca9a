import { globSync } from 'node:fs'
import { dirname } from 'node:path'

/** The newest that a distribution has put there: Debian's folders, then those of the PostgreSQL project for Red Hat. */
export const [distributionsPostgres] = globSync([
  '/usr/lib/postgresql/*/bin/initdb',
  '/usr/pgsql-*/bin/initdb',
])
  .map((initdb) => dirname(dirname(initdb)))
  .toSorted((one, other) => versionOf(other) - versionOf(one))

/** Its major version. */
export function versionOf(folder: string): number {
  return Number(/\d+$/.exec(folder)?.[0])
}
