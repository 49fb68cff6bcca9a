import { createHash } from 'node:crypto'

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}([0-9a-f]{12})$/i

/** What a tag is for: a message, what became of it, one that is unsent (it may be sent yet), a note, a task. */
type TagKind = 'm' | 'f' | 'u' | 'n' | 't'

/**
 * A short, visible text by which a post is found again, since posts have no field for an id of ours: 48 bits, `[m:…]`.
 * Of a uuid its last group, which is random in every version that is in use and which a person can look for.
 */
export function tagOf(kind: TagKind, key: string): string {
  const group = uuid.exec(key)?.[1]
  return `[${kind}:${group?.toLowerCase() ?? createHash('sha256').update(key).digest('hex').slice(0, 12)}]`
}
