/** Numbers in [0, 1) that a seed decides (mulberry32): a run that failed can be run again. */
export function createRandom(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    pick<T>(values: readonly T[]): T {
      const picked = values[below(values.length)]
      if (picked === undefined) throw new Error('random: nothing to pick from')
      return picked
    },
  }
}

export type Random = ReturnType<typeof createRandom>
