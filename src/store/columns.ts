import { z } from 'zod'
import { channels } from '#src/model/message.ts'

/** A column of text that may be null. */
export const textOrNone = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined)

export const time = z.string().transform((at) => new Date(at))

export const timeOrNone = z
  .string()
  .nullable()
  .transform((at) => (at === null ? undefined : new Date(at)))

/** A channel, or none: during a roll-out a newer server on the same database may write one that we do not know. */
export const channelOrNone = z.enum(channels).optional().catch(undefined)

/** What became of a dead letter that was to be revived. SQL says `replayed`, which the release before reads. */
export const revival = z
  .enum(['replayed', 'not_dead', 'missing'])
  .transform((outcome) => (outcome === 'replayed' ? 'revived' : outcome))

/**
 * What has these columns, checked and left as it came: in the order that it came in, with what else is in it, and with
 * every key, such as `__proto__`, that a schema would drop.
 */
export function asItCame<Columns extends z.ZodRawShape>(columns: z.ZodObject<Columns>) {
  return z.custom<z.input<typeof columns>>().superRefine((row, context) => {
    for (const { path, message } of columns.safeParse(row).error?.issues ?? [])
      context.addIssue({ code: 'custom', path, message })
  })
}
