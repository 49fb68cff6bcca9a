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

/** One that only a newer server knows, on the same database during a roll-out, is none. */
export const channelOrNone = z.enum(channels).optional().catch(undefined)
