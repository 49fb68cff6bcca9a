import type { Random } from '../random.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const values: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e308,
  58_000_000_000_000,
  -99_999_999_999,
  0.1,
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfffy',
  '\\u0000',
  '\ufeff',
  '🙂',
  'null',
  '{}',
  "'; drop table messages; --",
  '58000-01-01T00:00:00Z',
  '0000-00-00T00:00:00Z',
  'a'.repeat(70_000),
  '9'.repeat(400),
  '-1',
  '+33612345685',
  'delivered',
  [],
  {},
  [null],
  [[]],
  { toString: 'x', __proto__: null },
]
const names = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '\u0000',
  'event',
  'type',
  'status',
  'id',
  '\ud800',
  'length',
]

/** A value that is rarely meant. */
export const odd = (random: Random): Json => random.pick(values)

/** Another JSON value than this one, in one to four places: a value, a key, a depth, a repetition. */
export function mutated(value: Json, random: Random): Json {
  // Mostly inside: what is left must still be read far enough to go wrong there.
  if (random.below(25) === 0) return replaced(value, random)
  let changed = value
  for (let times = 1 + random.below(4); times > 0; times--) changed = inside(changed, random)
  return changed
}

function oneEdit(value: Json, random: Random): Json {
  return random.below(3) === 0 ? replaced(value, random) : inside(value, random)
}

function inside(value: Json, random: Random): Json {
  if (value === null || typeof value !== 'object') return replaced(value, random)
  if (Array.isArray(value)) {
    if (value.length === 0) return [random.pick(values)]
    const at = random.below(value.length)
    const choice = random.below(4)
    if (choice === 0) return value.toSpliced(at, 1)
    if (choice === 1) return [...value, value[at] ?? null]
    return value.with(at, oneEdit(value[at] ?? null, random))
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return { [random.pick(names)]: random.pick(values) }
  const at = random.below(entries.length)
  const [name = '', inner = null] = entries[at] ?? []
  const choice = random.below(6)
  if (choice === 0) return Object.fromEntries(entries.toSpliced(at, 1))
  if (choice === 1) return Object.fromEntries([...entries, [random.pick(names), random.pick(values)]])
  if (choice === 2) return Object.fromEntries(entries.with(at, [random.pick(names), inner]))
  return Object.fromEntries(entries.with(at, [name, oneEdit(inner, random)]))
}

function replaced(value: Json, random: Random): Json {
  const choice = random.below(8)
  if (choice === 0) return nested(value, random.pick([3, 90, 130, 1_200]))
  if (choice === 1 && typeof value === 'string') return value + value
  if (choice === 2 && typeof value === 'string') return value.slice(0, random.below(value.length + 1))
  if (choice === 3 && typeof value === 'number')
    return random.pick([-value, value * 1_000, String(value), value + 0.5])
  return random.pick(values)
}

function nested(value: Json, depth: number): Json {
  let around = value
  for (let level = 0; level < depth; level++) around = level % 2 ? [around] : { deeper: around }
  return around
}

/** The same bytes but for a few: one flipped, cut, doubled or put in between. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length)
  const choice = random.below(5)
  if (choice === 0) return bytes.subarray(0, at)
  if (choice === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))])
  if (choice === 2) return Buffer.concat([bytes, bytes.subarray(at)])
  if (choice === 3)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256), 0xff]), bytes.subarray(at)])
  const flipped = Buffer.from(bytes)
  flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << random.below(8)), at)
  return flipped
}
