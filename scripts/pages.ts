import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runCommand } from './command.ts'
import { withContents } from './pages/contents.ts'
import { withListings } from './pages/listings.ts'

const usage = `usage: npm run pages
  brings the contents lists and the listings in the documentation up to date`

/** `npm run pages`: what is written twice in the documentation is made from the first. */
function renew(): void {
  for (const page of ['ARCHITECTURE.md', ...globSync('docs/*.md')]) {
    const text = readFileSync(page, 'utf8')
    const current = withContents(withListings(text, (file) => readFileSync(`docs/${file}`, 'utf8')))
    if (current === text) continue
    writeFileSync(page, current)
    console.log(`${page}: renewed`)
  }
}

await runCommand({ usage, read: () => parseArgs({}), run: renew })
