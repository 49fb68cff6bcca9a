import { type Graph, reduced } from './graph.ts'

const begin = '<!-- rooms: made by npm run rooms -->'
const end = '<!-- rooms: end -->'

/** The rooms of `src` and who imports whom, as Mermaid; an arrow that follows from others is left out. */
export function picture(rooms: Graph): string {
  const shown = [...reduced(rooms)].map(([room, targets]) =>
    [...targets].map((target) => `  ${node(room)} --> ${node(target)}`),
  )
  return ['```mermaid', 'flowchart TD', ...shown.flat(), '```'].join('\n')
}

/** A page with the picture in its place. Throws where the page has no place for it. */
export function withPicture(page: string, rooms: Graph): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`ARCHITECTURE.md: has no place for the picture (put ${begin} and ${end} into it)`)
  return `${before}${begin}\n\n${picture(rooms)}\n\n${end}${after}`
}

function node(room: string): string {
  return room.replace('src/', '').replace('.ts', '')
}
