const most = 1_000

/**
 * Remembers answers for a while, the newest thousand of them. Failures are not remembered, nor that there is none (undefined):
 * somebody who has just written is entered by hand in the next minute, and what they answer then is theirs.
 */
export function briefly<T>(
  rememberedMs: number,
  clock: () => number,
): (key: string, ask: () => Promise<T>) => Promise<T> {
  const remembered = new Map<string, { answer: T; until: number }>()
  return async (key, ask) => {
    const recent = remembered.get(key)
    if (recent && clock() < recent.until) return recent.answer
    const answer = await ask()
    remembered.delete(key)
    if (answer === undefined) return answer
    remembered.set(key, { answer, until: clock() + rememberedMs })
    for (const oldest of remembered.keys()) {
      if (remembered.size <= most) break
      remembered.delete(oldest)
    }
    return answer
  }
}
