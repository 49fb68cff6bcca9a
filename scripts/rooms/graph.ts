/** Who leads to whom; what is not a key leads nowhere. */
export type Graph = ReadonlyMap<string, readonly string[]>

/** The circles in a graph, each as the way round: `a → b → a`. */
export function circles(graph: Graph): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) found.push([...path.slice(path.indexOf(node)), node].join(' → '))
    else if (!done.has(node)) for (const next of graph.get(node) ?? []) visit(next, [...path, node])
    done.add(node)
  }
  for (const node of graph.keys()) visit(node, [])
  return found
}

/**
 * The room of a file: its folder in `src`, or the file itself where it stands at the top of `src`; elsewhere the folder at
 * the root.
 */
export function roomOf(file: string): string {
  const [folder = '', place = '', ...rest] = file.split('/')
  if (folder !== 'src') return folder
  return rest.length > 0 ? place : file
}

/** Which rooms each room imports, by a graph of their files. */
export function roomGraph(files: Graph): Map<string, readonly string[]> {
  const rooms = new Map<string, Set<string>>()
  for (const [file, targets] of files) {
    const room = roomOf(file)
    const known = rooms.get(room) ?? new Set()
    rooms.set(room, known)
    for (const target of targets) if (files.has(target) && roomOf(target) !== room) known.add(roomOf(target))
  }
  return new Map([...rooms].toSorted().map(([room, targets]) => [room, [...targets].toSorted()]))
}

/** A graph without the arrows that follow from others: `a → c` where there is `a → b → c`. It must have no circle. */
export function reduced(graph: Graph): Map<string, readonly string[]> {
  const reach = new Map<string, ReadonlySet<string>>()
  const reachOf = (node: string): ReadonlySet<string> => {
    const known = reach.get(node)
    if (known) return known
    const all = new Set((graph.get(node) ?? []).flatMap((next) => [next, ...reachOf(next)]))
    reach.set(node, all)
    return all
  }
  return new Map(
    [...graph].map(([node, targets]) => [
      node,
      targets.filter((target) => !targets.some((other) => other !== target && reachOf(other).has(target))),
    ]),
  )
}
