import { globSync, readFileSync } from 'node:fs'
import { z } from 'zod'

/** Every page that a person reads. */
export const pages = [
  ...['README.md', 'README.fr.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...globSync('docs/**/*.md').toSorted(),
]

export const read = (file: string) => readFileSync(file, 'utf8')

/** The npm scripts that there are. */
export const scripts = Object.keys(
  z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json'))).scripts,
)

/** The npm scripts that a text names: `npm run x`, and those that need no `run`. */
export function scriptsNamed(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g)].map(
    ([, run, short]) => run ?? short ?? '',
  )
}
