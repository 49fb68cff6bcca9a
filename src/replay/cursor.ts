import { invalid } from '#src/api/params.ts'

/** How far a replay is: the kept events come first, then what is quarantined, each by id. */
export interface Position {
  of: 'events' | 'quarantined'
  after: number
}

export const startOfReplay: Position = { of: 'events', after: 0 }

/** `events:1200`, as a caller hands it back. */
export function replayCursor({ of, after }: Position): string {
  return `${of}:${after}`
}

/** Throws AppError 400 where the cursor is none of ours. */
export function replayPosition(cursor: string): Position {
  const [, of, after] = /^(events|quarantined):(\d{1,15})$/.exec(cursor) ?? []
  if (of === 'events' || of === 'quarantined') return { of, after: Number(after) }
  throw invalid([{ path: 'cursor', message: 'must be the nextCursor of the answer before' }])
}
