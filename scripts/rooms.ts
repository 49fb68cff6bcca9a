import { readFileSync, writeFileSync } from 'node:fs'
import { roomGraph } from './rooms/graph.ts'
import { fileGraph, sourceFiles } from './rooms/imports.ts'
import { withPicture } from './rooms/picture.ts'

/** `npm run rooms`: draws who imports whom in `src` anew, in ARCHITECTURE.md. */
const rooms = roomGraph(fileGraph('.', sourceFiles('.', ['src'])))
writeFileSync('ARCHITECTURE.md', withPicture(readFileSync('ARCHITECTURE.md', 'utf8'), rooms))
console.log(`ARCHITECTURE.md: ${rooms.size} rooms drawn`)
