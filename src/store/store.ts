import { z } from 'zod'
import { type Call, type Moment, sqlArguments } from './call.ts'
import { countsCalls } from './calls/counts.ts'
import { escalationsCalls } from './calls/escalations.ts'
import { eventsCalls } from './calls/events.ts'
import { jobsCalls } from './calls/jobs.ts'
import { listsCalls } from './calls/lists.ts'
import { mailboxesCalls } from './calls/mailboxes.ts'
import { purgingCalls } from './calls/purging.ts'
import { replayCalls } from './calls/replay.ts'
import { sendsCalls } from './calls/sends.ts'
import { suppressionsCalls } from './calls/suppressions.ts'
import { templatesCalls } from './calls/templates.ts'
import { turnsCalls } from './calls/turns.ts'
import type { Database } from './database.ts'

const version = z.object({ version: z.number().nullable(), functions: z.string().nullable() })

export type Store = ReturnType<typeof createStore>

/**
 * Everything the house asks of its memory. Only this file and its calls name SQL functions; each promises what the comment
 * above its function says. What time it is the database says, unless there is a `moment`.
 */
export function createStore(database: Database, moment: Moment = () => undefined) {
  const call: Call = (name, args) => database.call(name, sqlArguments(args))
  return {
    name: database.name,
    close: () => database.close(),

    async schemaVersion() {
      return version.parse(await call('schema_version', {}))
    },

    ...sendsCalls(call),
    ...eventsCalls(call, moment),
    ...escalationsCalls(call, moment),
    ...jobsCalls(call, moment),
    ...listsCalls(call),
    ...countsCalls(call),
    ...mailboxesCalls(call, moment),
    ...purgingCalls(call),
    ...replayCalls(call),
    ...suppressionsCalls(call),
    ...templatesCalls(call),
    ...turnsCalls(call),
  }
}
