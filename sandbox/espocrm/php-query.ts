type Nested = Map<string, Nested | string>

/** A query as PHP reads it: `where[0][type]=equals` is a list of objects, and a bare `+` is a space. */
export function phpQuery(url: string): Readonly<Record<string, unknown>> {
  const root: Nested = new Map()
  for (const [name, value] of new URLSearchParams(url.split('?', 2)[1] ?? '')) put(root, pathOf(name), value)
  return Object.fromEntries([...root].map(([name, value]) => [name, plain(value)]))
}

function pathOf(name: string): string[] {
  const [first = '', rest = ''] = name.split(/(?=\[)(.*)/s, 2)
  return [first, ...[...rest.matchAll(/\[([^\]]*)\]/g)].map(([, key = '']) => key)]
}

function put(at: Nested, [key = '', ...rest]: string[], value: string): void {
  const name = key === '' ? String(at.size) : key
  if (rest.length === 0) return void at.set(name, value)
  const known = at.get(name)
  const next: Nested = known instanceof Map ? known : new Map()
  at.set(name, next)
  put(next, rest, value)
}

function plain(value: Nested | string): unknown {
  if (typeof value === 'string') return value
  const entries = [...value].map(([key, inner]) => [key, plain(inner)] as const)
  return entries.every(([key], at) => key === String(at))
    ? entries.map(([, inner]) => inner)
    : Object.fromEntries(entries)
}
