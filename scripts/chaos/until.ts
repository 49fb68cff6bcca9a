import { setTimeout as pause } from 'node:timers/promises'

/** Looks again and again until it is so; throws with what was waited for when it takes longer than it may. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`chaos: waited ${limitMs} ms in vain until ${what}`)
    await pause(20)
  }
}
