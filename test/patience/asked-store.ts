import type { Json, Written } from '#src/model/json.ts'
import type { Database } from '#src/store/database.ts'
import { createStore, type Store } from '#src/store/store.ts'

/** A store whose database answers each SQL function as the test says, else with nothing due, and what it was asked. */
export function askedStore(answers: Record<string, Json | (() => Json)> = {}): {
  store: Store
  database: Database
  asked: (sqlFunction: string) => Record<string, Written>[]
} {
  const calls: [string, Record<string, Written>][] = []
  const nothing: Record<string, Json> = {
    end_expired_attempts: { expired: [] },
    match_parked: { matched: 0 },
    claim_stale_queue: false,
  }
  const database: Database = {
    name: 'a database of the test',
    close: async () => {},
    async call(sqlFunction, args) {
      calls.push([sqlFunction, args])
      const answer = answers[sqlFunction] ?? nothing[sqlFunction] ?? []
      return typeof answer === 'function' ? answer() : answer
    },
  }
  return {
    store: createStore(database),
    database,
    asked: (name) => calls.filter(([called]) => called === name).map(([, args]) => args),
  }
}
