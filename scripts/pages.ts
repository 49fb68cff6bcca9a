import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { withContents } from './pages/contents.ts'
import { withListings } from './pages/listings.ts'

/** `npm run pages`: brings the contents lists and the listings of the documentation up to date. */
const pages = ['ARCHITECTURE.md', ...globSync('docs/*.md')]
for (const page of pages) {
  const text = readFileSync(page, 'utf8')
  const current = withContents(withListings(text, (file) => readFileSync(`docs/${file}`, 'utf8')))
  if (current === text) continue
  writeFileSync(page, current)
  console.log(`${page}: renewed`)
}
