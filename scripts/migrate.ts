import { config } from 'dotenv'
import { migrate, printMigrations } from '#src/store/migrate.ts'
import { connectForMigration, postgresName } from '#src/store/postgres.ts'

config({ quiet: true })

if (process.argv.includes('--print')) {
  // Who reads only the beginning (`| head`) closes the pipe: that is no failure.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  process.stdout.write(printMigrations())
} else await bringUpToDate(process.env.DATABASE_URL)

async function bringUpToDate(databaseUrl: string | undefined): Promise<void> {
  if (!databaseUrl)
    return stop(
      'migrate: DATABASE_URL is missing (without a connection string: npm run migrate -- --print, for the Supabase SQL editor; the embedded database needs nothing)',
    )
  let name = 'migrate'
  try {
    name = postgresName(databaseUrl)
    const applied = await migrateAt(databaseUrl)
    console.log(`${name}: ${applied.length === 0 ? 'is up to date' : `applied ${applied.join(', ')}`}`)
    console.log('Next: npm start')
  } catch (error) {
    stop(`${name}: ${error instanceof Error ? error.message || error.name : String(error)}`)
  }
}

async function migrateAt(databaseUrl: string): Promise<string[]> {
  const connection = await connectForMigration(databaseUrl)
  try {
    return await migrate(connection)
  } finally {
    await connection.close()
  }
}

function stop(line: string): void {
  console.error(line)
  process.exitCode = 1
}
