import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigurationError } from '#src/model/errors.ts'

/** A new folder whose name begins with `name`, below `parent`. Throws ConfigurationError where none can be made. */
export function temporaryFolder(name: string, parent = resolve(tmpdir())): string {
  try {
    return mkdtempSync(join(parent, name))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error
    throw new ConfigurationError(
      `TMPDIR: no folder can be made in ${parent} (${code}: set it to a folder that can be written)`,
      { cause: error },
    )
  }
}
