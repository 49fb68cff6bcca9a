import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const page = readFileSync('ARCHITECTURE.md', 'utf8')
const wishes = page.slice(page.indexOf('## I want to …')).split('\n')
const rows = wishes.filter((line) => /^\| (?!I want to)\w/.test(line))

const firstCells = (text: string) => [...text.matchAll(/^\| `([\w-]+\/)` \|/gm)].map(([, cell = '']) => cell)

it('every folder at the root and every room of src is in a table', () => {
  const [atRoot = '', inSrc = ''] = page.split('## The rooms of `src`')
  const folders = globSync('*/').filter((folder) => !['node_modules', 'data'].includes(folder))
  expect(folders.length).toBeGreaterThan(8)
  expect(firstCells(atRoot).toSorted()).toEqual(folders.map((folder) => `${folder}/`).toSorted())
  const rooms = globSync('src/*/').map((folder) => `${folder.replace('src/', '')}/`)
  expect(firstCells(inSrc).toSorted()).toEqual(rooms.toSorted())
})

it('every row of "I want to …" names a place', () => {
  expect(rows.length).toBeGreaterThan(40)
  expect(rows.filter((row) => placesIn(row).length === 0 && !row.includes('](docs/'))).toEqual([])
})

it.each(rows.map((row) => [row.split('|')[1]?.trim() ?? '', row]))(
  '"%s" leads to places that are there',
  (_wish, row) => {
    for (const place of placesIn(row)) {
      const pattern = place.includes('/') ? place : `{providers,src}/**/${place}`
      expect(existsSync(place) || globSync(pattern).length > 0, place).toBe(true)
    }
  },
)

it('every function that the page names in a file is there', () => {
  const named = [...page.matchAll(/`(\w+)`(?:, `(\w+)`)? in `([\w/.-]+\.\w+)`/g)]
  expect(named.length).toBeGreaterThan(10)
  for (const [, one = '', other = one, file = ''] of named)
    for (const name of [one, other])
      expect(readFileSync(file, 'utf8'), `${name} in ${file}`).toMatch(new RegExp(`\\b${name}\\b`))
})

/** The files and folders that a row names. */
function placesIn(row: string): string[] {
  return [...row.matchAll(/`([\w./-]+(?:\.\w+|\/))`/g)].map(([, place = '']) => place)
}
