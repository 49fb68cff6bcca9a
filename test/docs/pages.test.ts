import { existsSync, globSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withContents } from '../../scripts/pages/contents.ts'
import { headingsOf, withoutCode } from '../../scripts/pages/headings.ts'
import { filesShown, withListings } from '../../scripts/pages/listings.ts'
import { pages, read, scripts, scriptsNamed } from './paper.ts'
import { editedFiles } from './tutorial.ts'

/** So many headings do not fit on a screen. */
const headingsOfAScreen = 4
/** Where an example stands in for what a reader would add. */
const examples = globSync('docs/examples/*').toSorted()

describe.each(pages)('%s', (page) => {
  const text = read(page)

  it('links to files that are there', () => {
    const targets = linksOf(text).map(({ file }) => file)
    expect(targets.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([])
  })

  it('links to headings that are there', () => {
    const dead = linksOf(text).filter(({ file, anchor }) => {
      const target = file === '' ? page : join(dirname(page), file)
      return anchor !== '' && !headingsOf(read(target)).some((heading) => heading.anchor === anchor)
    })
    expect(dead).toEqual([])
  })

  it('names npm scripts that are there', () => {
    expect(scriptsNamed(text).filter((name) => !scripts.includes(name))).toEqual([])
  })

  it('names files that are there', () => {
    const rooms =
      /`((?:src|routes|actions|providers|migrations|sandbox|scripts|bench|test|nginx|docs)\/[\w./-]+\.\w+)`/g
    const named = [...text.matchAll(rooms)].map(([, file = '']) => file)
    const there = (file: string) => ['.', ...examples].some((folder) => existsSync(join(folder, file)))
    expect(named.filter((file) => !there(file))).toEqual([])
  })

  it('shows the files of docs/examples as they are (npm run pages)', () => {
    expect(withListings(text, (file) => read(join('docs', file)))).toBe(text)
  })

  it('has a contents list of all its headings (npm run pages)', () => {
    expect(withContents(text)).toBe(text)
  })
})

const longPages = ['ARCHITECTURE.md', ...globSync('docs/*.md').toSorted()].filter(
  (page) => headingsOf(read(page)).filter(({ level }) => level === 2).length >= headingsOfAScreen,
)

it.each(longPages)('%s does not fit on a screen, and says what it contains', (page) => {
  const text = read(page)
  const links = linksOf(text).map(({ anchor }) => anchor)
  const sections = headingsOf(text).filter(({ level }) => level === 2)
  expect(sections.filter(({ anchor }) => !links.includes(anchor))).toEqual([])
})

it('every file of docs/examples is shown by a page, but for none', () => {
  const shown = pages.flatMap((page) => filesShown(read(page)).map((file) => `docs/${file}`))
  const files = globSync('docs/examples/**/*.*').toSorted()
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((file) => !shown.includes(file))).toEqual([])
})

it.each([
  ['docs/adding-a-provider.md', 'docs/examples/postmule'],
  ['docs/adding-a-channel.md', 'docs/examples/telegram'],
])('what %s changes is as it says', (page, examples) => {
  expect(editedFiles(page, examples).size).toBeGreaterThan(3)
})

it('the migration of docs/adding-a-channel.md is the next one', () => {
  const there = globSync('migrations/0*.sql').filter((file) => !file.endsWith('_telegram.sql'))
  const numbers = there.map((file) => Number.parseInt(basename(file), 10))
  const next = String(Math.max(...numbers) + 1).padStart(3, '0')
  const own = globSync('docs/examples/telegram/migrations/*').map((file) => basename(file))
  expect(own).toEqual([`${next}_telegram.sql`])
})

it('every npm script is explained by a page', () => {
  const named = pages.flatMap((page) => scriptsNamed(read(page)))
  expect(scripts.filter((name) => !named.includes(name))).toEqual([])
})

describe('decisions', () => {
  const files = readdirSync('docs/decisions').sort()

  it('are numbered from 0001 without a gap', () => {
    expect(files.map((file) => file.slice(0, 4))).toEqual(
      files.map((_, index) => String(index + 1).padStart(4, '0')),
    )
  })

  it.each(files)('%s says its context, decision and consequence', (file) => {
    const text = read(join('docs/decisions', file))
    expect(text).toMatch(new RegExp(`^# ${file.slice(0, 4)} `))
    for (const heading of ['## Context', '## Decision', '## Consequence']) expect(text).toContain(heading)
  })
})

/** The links of a page into this project: the file, none where it is the page itself, and the anchor. */
function linksOf(page: string): { file: string; anchor: string }[] {
  return [...withoutCode(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, file = '', anchor = '']) => ({ file, anchor }),
  )
}
