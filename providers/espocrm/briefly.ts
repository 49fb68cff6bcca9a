const most = 1_000

/** Remembers answers for a while, the newest thousand of them; failures are not remembered. */
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
    remembered.set(key, { answer, until: clock() + rememberedMs })
    for (const oldest of remembered.keys()) {
      if (remembered.size <= most) break
      remembered.delete(oldest)
    }
    return answer
  }
}
