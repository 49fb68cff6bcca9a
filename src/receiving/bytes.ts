import type { BatchRows } from '#src/store/rows.ts'

/** What a row takes besides what its provider told, as JSON: about. */
const aroundBytes = 1_000

/**
 * About how many bytes a batch takes, to hold and to write. `eventBytes`: those of what its events were read in, where the
 * caller has it at hand; else each is made JSON once more to be weighed.
 */
export function bytesOf(rows: BatchRows, eventBytes = jsonBytes(rows.events)): number {
  const { events, outcomes, quarantined } = rows
  const around = aroundBytes * (events.length + outcomes.length + quarantined.length)
  return around + eventBytes + quarantined.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

function jsonBytes(events: BatchRows['events']): number {
  let bytes = 0
  for (const { raw = null, raw_text: exact = '' } of events)
    bytes += Buffer.byteLength(JSON.stringify(raw)) + Buffer.byteLength(exact)
  return bytes
}
