import { z } from 'zod'
import { asItCame } from '../store/columns.ts'
import { type BatchRows, eventColumns, quarantineColumns } from '../store/rows.ts'

const batch = z.object({
  // A process of another version may have written it: the number says by which rules.
  version: z.literal(1),
  events: z.array(asItCame(eventColumns)),
  outcomes: z.array(asItCame(z.object({}))),
  quarantined: z.array(asItCame(quarantineColumns)),
})

/** A batch as the spool keeps it. */
export function packed({ events, outcomes, quarantined }: BatchRows): Buffer {
  return Buffer.from(JSON.stringify({ version: 1, events, outcomes, quarantined }))
}

/** The batch again; undefined where it is none. */
export function unpacked(payload: Buffer): BatchRows | undefined {
  try {
    return batch.parse(JSON.parse(payload.toString()))
  } catch {
    return undefined
  }
}
