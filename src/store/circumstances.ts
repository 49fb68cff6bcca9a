import { z } from 'zod'
import { textOrNone } from './columns.ts'

/** What may keep a message from being sent now. */
export const circumstances = z
  .object({
    suppressed: textOrNone,
    suppressed_copies: z.array(z.string()).nullish(),
    heard_for_seconds: z.number().nullable(),
    stopped: textOrNone,
  })
  .transform(({ suppressed, suppressed_copies: suppressedCopies, heard_for_seconds: seconds, stopped }) => ({
    /** Why its person is not to be written to. */
    suppressed,
    /** Those of its copies who are not to be written to, in lower case. */
    suppressedCopies: suppressedCopies ?? [],
    /** Since that person last wrote by WhatsApp through this provider. */
    heardForMs: seconds === null ? undefined : seconds * 1_000,
    /** Why its provider takes nothing: its own word. */
    stopped,
  }))
export type Circumstances = z.infer<typeof circumstances>

/** The limit that keeps a message from being reserved; of a day's, those who have had as many, in lower case. */
export const limited = z.object({
  limit: z.enum(['hour', 'recipientDay']),
  addresses: z.array(z.string()).optional(),
})
export type Limited = z.infer<typeof limited>
