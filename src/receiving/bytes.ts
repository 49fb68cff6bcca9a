import type { BatchRows } from '#src/store/rows.ts'

/** What a row takes besides what its provider told, as JSON: about. */
const aroundBytes = 1_000

/** About how many bytes a batch takes, to hold and to write. */
export function bytesOf({ events, outcomes, quarantined }: BatchRows): number {
  let bytes = aroundBytes * (events.length + outcomes.length + quarantined.length)
  for (const { raw = null, raw_text: exact = '' } of events)
    bytes += Buffer.byteLength(JSON.stringify(raw)) + Buffer.byteLength(exact)
  for (const row of quarantined) bytes += row.bytes.length
  return bytes
}
