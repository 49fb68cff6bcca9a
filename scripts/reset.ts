import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { readConfig } from '#src/config.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { holderOf, lockFolder } from '#src/runtime/lock.ts'
import { runCommand } from './command.ts'

const usage = `usage: npm run reset [-- --yes]
  empties the embedded database and the spool in DATA_DIR; the key that signs tokens stays
  --yes  does not ask first`

/** `npm run reset`: an empty embedded database. Never touches a database of its own. */
async function reset({ yes }: { yes: boolean }): Promise<void> {
  readDotenv({ quiet: true })
  const { dataDir, database } = readConfig(process.env)
  if (database.databaseUrl !== undefined || database.supabaseUrl !== undefined)
    throw new ConfigurationError(
      'reset: empties the embedded database only (DATABASE_URL or SUPABASE_URL is set: drop and create that one yourself)',
    )
  const places = ['db', 'spool'].map((name) => join(dataDir, name)).filter(existsSync)
  if (places.length === 0) return console.log(`reset: nothing is kept in ${dataDir}`)
  const lock = lockFolder(dataDir)
  if (!lock)
    throw new ConfigurationError(
      `reset: ${dataDir} is in use by another process (pid ${holderOf(dataDir)}: stop it first)`,
    )
  try {
    if (!yes && !(await agreed(places))) throw new ConfigurationError('reset: nothing was deleted')
    for (const place of places) rmSync(place, { recursive: true, force: true })
    console.log(`reset: deleted ${places.join(' and ')}`)
  } finally {
    lock.release()
  }
}

async function agreed(places: readonly string[]): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ConfigurationError('reset: asks first, and nobody is here to answer (give --yes)')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test(
      (await terminal.question(`Delete ${places.join(' and ')}, every message in it? [y/N] `)).trim(),
    )
  } finally {
    terminal.close()
  }
}

await runCommand({
  usage,
  read: () => parseArgs({ options: { yes: { type: 'boolean', default: false } } }).values,
  run: reset,
})
