/** As MySQL's `utf8mb4_unicode_ci` sees a text: without case and accents. */
function folded(value: unknown): string {
  return String(value ?? '')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
}

/** Are these the same text, or both none? */
export function same(one: unknown, other: unknown): boolean {
  return (one ?? null) === null || (other ?? null) === null
    ? (one ?? null) === (other ?? null)
    : folded(one) === folded(other)
}

/** SQL's LIKE: `%` stands for anything and `_` for any character, also where a client did not mean it. */
export function like(value: unknown, pattern: string): boolean {
  const source = folded(pattern)
    .replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return (value ?? null) !== null && new RegExp(`^${source}$`, 's').test(folded(value))
}

/** The order of two values in a list; what has none comes first. */
export function compared(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  const [left, right] = [folded(one), folded(other)]
  return left < right ? -1 : Number(left > right)
}
