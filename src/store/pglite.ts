import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'
import type { Json } from '#src/model/json.ts'
import { holderOf, lockFolder } from '#src/runtime/lock.ts'
import { closedFolder, privateFolder } from '#src/runtime/private-folder.ts'
import { callFailed, type InParts, inOne, sqlCall } from './call.ts'
import type { Database, StoreError } from './database.ts'
import type { MigrationConnection } from './migration-connection.ts'
import { ThreadEnded, threadedPglite } from './threaded.ts'

const postgresError = z.object({ code: z.string().regex(/^[0-9A-Z]{5}$/), message: z.string() })

/**
 * The embedded database in `dataDir`/db, up to date, for this process alone. It survives the end of the process, not of
 * the power: nothing is fsynced. Throws ConfigurationError where another process has the folder, or may write into it.
 */
export async function openEmbedded(dataDir: string): Promise<Database> {
  privateFolder(dataDir)
  const lock = lockFolder(dataDir)
  if (!lock)
    throw new ConfigurationError(
      `the data folder ${dataDir} is in use by another process (pid ${holderOf(dataDir)}): stop it, or set DATABASE_URL`,
    )
  try {
    const folder = join(dataDir, 'db')
    closedFolder(folder)
    const pglite = await threadedPglite(folder)
    return {
      name: `embedded database in ${dataDir}`,
      async close() {
        await pglite.close()
        lock.release()
      },
      call: calling((text, values) => pglite.query(text, values)),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** An open PGlite as Database. */
export function createPgliteDatabase(pglite: PGlite, name: string): Database {
  return {
    name,
    async close() {
      if (!pglite.closed) await pglite.close()
    },
    call: calling(async (text, values) => {
      const { rows } = await pglite.query<{ result: Json }>(text, values.map(inOne))
      return rows[0]?.result ?? null
    }),
  }
}

function calling(query: (text: string, values: readonly InParts[]) => Promise<Json>): Database['call'] {
  return async (sqlFunction, args) => {
    const { text, values } = sqlCall(sqlFunction, args)
    return query(text, values).catch((error) => {
      throw failure(sqlFunction, error)
    })
  }
}

export function pgliteConnection(pglite: PGlite): MigrationConnection {
  return {
    async exec(sql) {
      const results = await pglite.exec(sql)
      return results.at(-1)?.rows ?? []
    },
  }
}

function failure(sqlFunction: string, error: unknown): StoreError {
  const told = postgresError.safeParse(error)
  if (told.success) return callFailed(sqlFunction, told.data.code, told.data.message)
  // What has no SQLSTATE is PGlite's own: it is closed, or its memory is at an end.
  const why = error instanceof ThreadEnded ? error.message : 'the embedded database is closed'
  return callFailed(sqlFunction, '08006', why)
}
