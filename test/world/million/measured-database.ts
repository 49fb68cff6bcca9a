import pg from 'pg'
import { z } from 'zod'
import type { Json, Written } from '#src/model/json.ts'
import { callFailed, inOne, sqlCall } from '#src/store/call.ts'
import type { Database } from '#src/store/database.ts'

/** What one call of a SQL function has read. */
export interface Reading {
  sqlFunction: string
  /** Pages that it has looked at, wherever they lay. */
  blocks: number
  /** How many things it was given, has answered or might have: the most of these. */
  things: number
  ms: number
}

const explained = z.tuple([
  z.object({
    'QUERY PLAN': z.tuple([
      z.object({
        Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }),
        'Execution Time': z.number(),
      }),
    ]),
  }),
])
const answered = z.tuple([z.object({ result: z.json() })])

/** A database of one session, whose plans it keeps as a pool's connection does; tells of each call what it has read. */
export async function measuredDatabase(
  url: string,
  tell: (reading: Reading) => void,
): Promise<Database & { query(sql: string): Promise<Record<string, unknown>[]> }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('create temp table answers (result jsonb)')
  return {
    name: 'a database that is measured',
    close: () => client.end(),
    query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    async call(sqlFunction, args) {
      const { text, values } = sqlCall(sqlFunction, args)
      // What is explained answers with its plan: its own answer is put aside.
      const measured = `explain (analyze, buffers, format json) insert into answers ${text}`
      try {
        const { rows: plans } = await client.query(measured, values.map(inOne))
        const [
          {
            'QUERY PLAN': [{ Plan: plan, 'Execution Time': ms }],
          },
        ] = explained.parse(plans)
        const [{ result }] = answered.parse((await client.query('delete from answers returning result')).rows)
        const things = Math.max(
          longest(Object.values(args)),
          longest([result, ...valuesOf(result)]),
          Number(args.at_most ?? 0),
        )
        tell({ sqlFunction, blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], things, ms })
        return result
      } catch (error) {
        if (error instanceof pg.DatabaseError)
          throw callFailed(sqlFunction, error.code ?? 'XX000', error.message)
        throw error
      }
    },
  }
}

function valuesOf(json: Json): Json[] {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? Object.values(json).map((value) => value ?? null)
    : []
}

function longest(values: readonly Written[]): number {
  return Math.max(0, ...values.map((value) => (Array.isArray(value) ? value.length : 0)))
}
