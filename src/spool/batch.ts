import { z } from 'zod'
import type { BatchRows } from '../store/rows.ts'

type Row = BatchRows['events'][number]

// As JSON.parse gave it: a schema of its own would drop keys such as `__proto__` from what a provider told us.
const row = z.custom<Row>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
const rows = z.array(row)
// A process of another version may have written it: the number says by which rules.
const batch = z.object({ version: z.literal(1), events: rows, outcomes: rows, quarantined: rows })

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
