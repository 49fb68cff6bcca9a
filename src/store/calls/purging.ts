import { z } from 'zod'
import { keysKeptForMs, payloadsKeptForMs, purgedAtOnce } from '#src/patience.ts'
import type { Call } from '../call.ts'

const key = z.object({ tenant_id: z.string(), key: z.string() })

function answer<Place extends z.ZodType>(place: Place) {
  return z.object({ purged: z.number(), reached: place.nullable().transform((at) => at ?? undefined) })
}
const ofPayloads = answer(z.string())
const ofKeys = answer(key)

/** What is not needed any more goes: of some rows after a place, and where the next are (undefined: these were the last). */
export const purgingCalls = (call: Call) => ({
  async purgePayloads(after: string | undefined) {
    const args = { kept_seconds: payloadsKeptForMs / 1_000, after, at_most: purgedAtOnce }
    return ofPayloads.parse(await call('purge_payloads', args))
  },

  async purgeKeys(after: z.infer<typeof key> | undefined) {
    const args = { kept_seconds: keysKeptForMs / 1_000, after, at_most: purgedAtOnce }
    return ofKeys.parse(await call('purge_keys', args))
  },
})
