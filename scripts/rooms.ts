import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runCommand } from './command.ts'
import { roomGraph } from './rooms/graph.ts'
import { fileGraph, sourceFiles } from './rooms/imports.ts'
import { withPicture } from './rooms/picture.ts'

/** `npm run rooms`: draws who imports whom in `src` anew, in ARCHITECTURE.md. */
function draw(): void {
  const rooms = roomGraph(fileGraph('.', sourceFiles('.', ['src'])))
  writeFileSync('ARCHITECTURE.md', withPicture(readFileSync('ARCHITECTURE.md', 'utf8'), rooms))
  console.log(`ARCHITECTURE.md: ${rooms.size} rooms drawn`)
}

await runCommand({ usage: 'usage: npm run rooms', read: () => parseArgs({}), run: draw })
