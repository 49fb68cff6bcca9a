import { globSync, readFileSync } from 'node:fs'

/** What the architecture speaks of: the folders at the root that hold the code of the product. */
export const folders = ['src', 'routes', 'actions', 'providers', 'sandbox'] as const

/** Every TypeScript file of these folders below `root`, by its path from there. */
export function sourceFiles(root: string, of: readonly string[] = folders): string[] {
  return of.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root })).toSorted()
}

/**
 * What a file says it imports, statically, dynamically, for its types or to export it again: paths from the root, or the
 * names of packages. Read from the text, so that a file need not be loaded to be judged.
 */
export function importsOf(path: string, text: string): string[] {
  return [
    ...text.matchAll(/^(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/^import\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g),
  ].map(([, target = '']) => resolved(path, target))
}

function resolved(path: string, target: string): string {
  if (target.startsWith('#')) return target.slice(1)
  if (!target.startsWith('.')) return target
  return new URL(target, `file:///${path}`).pathname.slice(1)
}

/** Which of these files each one imports, types included. */
export function fileGraph(root: string, files: readonly string[]): Map<string, readonly string[]> {
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(`${root}/${file}`, 'utf8'))]))
}
