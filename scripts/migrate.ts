import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { ConfigurationError } from '#src/model/errors.ts'
import { migrate, pendingMigrations, printMigrations } from '#src/store/migrate.ts'
import { connectForMigration, postgresName } from '#src/store/postgres.ts'
import { runCommand } from './command.ts'

const usage = `usage: npm run migrate [-- --dry-run | --print]
  brings the database of DATABASE_URL up to date; the embedded one needs nothing, npm start does it
  --dry-run  shows what it would apply, changes nothing
  --print    prints all of it as SQL, for the Supabase SQL editor`

interface Wish {
  'dry-run': boolean
  print: boolean
}

function wished(): Wish {
  const { values } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      print: { type: 'boolean', default: false },
    },
  })
  if (values.print && values['dry-run']) throw new TypeError('migrate: say --print or --dry-run, not both')
  return values
}

/** `npm run migrate`: brings a PostgreSQL up to date, safely when several do so at once. */
async function bringUpToDate(wish: Wish): Promise<void> {
  if (wish.print) return print()
  readDotenv({ quiet: true })
  const databaseUrl = process.env.DATABASE_URL
  if (!databaseUrl)
    throw new ConfigurationError(
      'migrate: DATABASE_URL is missing (without a connection string: npm run migrate -- --print, for the Supabase SQL editor; the embedded database needs nothing)',
    )
  const name = postgresName(databaseUrl)
  try {
    const connection = await connectForMigration(databaseUrl)
    try {
      if (wish['dry-run']) return told(name, 'would apply', await pendingMigrations(connection))
      const say = (line: string) => console.log(`${name}: ${line}`)
      told(name, 'applied', await migrate(connection, undefined, { say }))
      console.log('Next: npm start')
    } finally {
      await connection.close()
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    throw new ConfigurationError(`${name}: ${reason}`, { cause: error })
  }
}

function told(name: string, verb: string, files: readonly string[]): void {
  console.log(`${name}: ${files.length === 0 ? 'is up to date' : `${verb} ${files.join(', ')}`}`)
}

function print(): void {
  // A reader of only the beginning (`| head`) closes the pipe: that is not a failure.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  process.stdout.write(printMigrations())
}

await runCommand({ usage, read: wished, run: bringUpToDate })
