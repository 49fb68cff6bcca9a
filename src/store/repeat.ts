import { setTimeout as pause } from 'node:timers/promises'
import { type Database, StoreError } from './database.ts'

const tries = 5
const longestPauseMs = 25

/**
 * The same database, but a call that collided with another transaction (deadlock, serialization) is made again, five
 * times at most. Safe for every call: a collided one was rolled back whole.
 */
export function repeatCollisions(database: Database): Database {
  return {
    name: database.name,
    close: () => database.close(),
    async call(sqlFunction, args) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await database.call(sqlFunction, args)
        } catch (error) {
          if (!(error instanceof StoreError && error.collided) || attempt === tries) throw error
          await pause(Math.random() * longestPauseMs * attempt)
        }
      }
    },
  }
}
