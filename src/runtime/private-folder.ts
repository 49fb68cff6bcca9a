import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { ConfigurationError } from '#src/model/errors.ts'

/**
 * Makes a folder that only its owner may enter, whatever the umask; one that is there already stays as it is. Throws
 * ConfigurationError where it cannot be made, or where somebody else may write into it: a secret, a lock or a spool that
 * others can exchange is not ours.
 */
export function privateFolder(folder: string): void {
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700)
  } catch (cause) {
    throw unwritable(folder, cause)
  }
  if (statSync(folder).mode & 0o022)
    throw new ConfigurationError(
      `the folder ${folder} can be written by others (only its owner may: chmod go-w ${folder})`,
    )
}

/** Makes a folder within a private one, and closes it to everybody else where it stood open. */
export function closedFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if ((statSync(folder).mode & 0o777) !== 0o700) chmodSync(folder, 0o700)
  } catch (cause) {
    throw unwritable(folder, cause)
  }
}

function unwritable(folder: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`the folder ${folder} cannot be written (see DATA_DIR): ${String(cause)}`)
}
