import pg from 'pg'
import { ConfigurationError } from '#src/model/errors.ts'
import { postgresName } from '#src/store/postgres.ts'

/** Rows of one query on a connection of its own. Throws ConfigurationError, in one line, where there is none to be had. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const name = postgresName(url)
  const client = new pg.Client({ connectionString: url })
  await client.connect().catch((cause) => {
    const code = 'code' in cause ? cause.code : cause.message
    throw new ConfigurationError(
      `${name}: cannot be reached (${code}: check DATABASE_URL, and that it runs)`,
      {
        cause,
      },
    )
  })
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
