import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** What a clone would not have. */
const notCopied = new Set(['node_modules', '.git', '.env', 'data'])

/** A change that a page tells its reader to make: in each of the files, the lines of `before` become those of `after`. */
interface Edit {
  files: string[]
  before: string
  after: string
}

/** A copy of the project in which a tutorial was followed to the letter. Throws where an edit does not fit. */
export function followed(page: string, examples: string): string {
  const changed = editedFiles(page, examples)
  const folder = mkdtempSync(join(tmpdir(), 'max-comms-tutorial-'))
  cpSync(root, folder, { recursive: true, filter: (file) => !notCopied.has(basename(file)) })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  cpSync(join(root, examples), folder, { recursive: true })
  for (const [file, text] of changed) writeFileSync(join(folder, file), text)
  return folder
}

/** The files that a page tells its reader to change, as they are then. Throws where an edit does not fit. */
export function editedFiles(page: string, examples: string): Map<string, string> {
  // Somebody follows the page in this very project: what it tells may be done already.
  const begun = existsSync(join(root, 'providers', basename(examples)))
  const texts = new Map<string, string>()
  for (const { files, before, after } of editsOf(readFileSync(join(root, page), 'utf8')))
    for (const file of files) {
      const text = texts.get(file) ?? readFileSync(join(root, file), 'utf8')
      const made = begun && text.includes(after)
      texts.set(file, made ? text : edited(text, { before, after }, `${page}: ${file}`))
    }
  return texts
}

/** The edits of a page: its blocks of `diff`, each for the files that the last text before it names. */
function editsOf(page: string): Edit[] {
  let files: string[] = []
  return page.split(/^(```[\s\S]*?^```)$/m).flatMap((part) => {
    const [, hunk] = /^```diff\n([\s\S]*)```$/.exec(part) ?? []
    if (hunk !== undefined) return [{ files, before: side(hunk, '-'), after: side(hunk, '+') }]
    if (!part.startsWith('```')) files = lastNamed(part) ?? files
    return []
  })
}

/** The files that the last paragraph which names any does name. */
function lastNamed(text: string): string[] | undefined {
  return text
    .split('\n\n')
    .map((paragraph) => [...paragraph.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name))
    .map((names) => names.filter((name) => /\.\w+$/.test(name) && existsSync(join(root, name))))
    .findLast((names) => names.length > 0)
}

/** The lines of a hunk before it (`-`) or after it (`+`), with those that stay. */
function side(hunk: string, mark: '-' | '+'): string {
  return hunk
    .split(/(?<=\n)/)
    .filter((line) => line.startsWith(' ') || line.startsWith(mark) || line === '\n')
    .map((line) => (line === '\n' ? line : line.slice(1)))
    .join('')
}

function edited(text: string, { before, after }: Omit<Edit, 'files'>, where: string): string {
  const pieces = text.split(before)
  if (before === '' || pieces.length !== 2)
    throw new Error(`${where} has these lines ${pieces.length - 1} times, not once:\n${before}`)
  return pieces.join(after)
}
