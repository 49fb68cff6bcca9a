/** The newest values by key: a sandbox left running for a week must not grow for ever. */
export interface Recent<T> {
  get(key: string): T | undefined
  /** Sets and makes it the newest; forgets the oldest beyond the limit. */
  set(key: string, value: T): void
  delete(key: string): void
  /** The oldest first. */
  values(): T[]
  clear(): void
}

export function createRecent<T>(limit = 10_000): Recent<T> {
  const entries = new Map<string, T>()
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      const oldest = entries.size > limit ? entries.keys().next() : undefined
      if (oldest && !oldest.done) entries.delete(oldest.value)
    },
    delete: (key) => void entries.delete(key),
    values: () => [...entries.values()],
    clear: () => entries.clear(),
  }
}
