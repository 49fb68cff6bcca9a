import { AppError, ConfigurationError } from '#src/model/errors.ts'
import { StoreError } from '#src/store/database.ts'

/** How a command is used, read and done. */
export interface Command<Wish> {
  /** Its first line is `usage: npm run …`. */
  usage: string
  /** What the command line asks for. Throws TypeError where it is not understood, as `parseArgs` does. */
  read(): Wish
  run(wish: Wish): Promise<void> | void
}

/**
 * Runs a command. `--help` prints the usage and ends with 0. What was not understood, or what cannot be done, is one line
 * (with the usage, where that helps) and ends with 1; anything else is a bug, and throws.
 */
export async function runCommand<Wish>({ usage, read, run }: Command<Wish>): Promise<void> {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) return console.log(usage)
  try {
    await run(understood(read, usage))
  } catch (error) {
    const line = oneLine(error)
    if (line === undefined) throw error
    console.error(line)
    process.exitCode = 1
  }
}

function understood<Wish>(read: () => Wish, usage: string): Wish {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ConfigurationError(`${error.message}\n${usage}`)
  }
}

function oneLine(error: unknown): string | undefined {
  if (error instanceof ConfigurationError || error instanceof AppError) return error.message
  if (error instanceof StoreError) return `database: ${error.message}`
  return undefined
}
