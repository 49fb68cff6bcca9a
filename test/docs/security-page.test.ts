import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { read } from './paper.ts'

const page = read('docs/security.md')

/** Each section by its heading. */
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section]),
)

interface Claim {
  item: string
  held: string
  not: string[]
  code: string[]
  tests: string[]
}

const top10 = claimsOf('OWASP API Security Top 10 (2023)')
const asvs = claimsOf('OWASP ASVS 5.0, level 2')
const letters = rowsOf('What is not held').flatMap(([letter = '']) => letter || [])

/** What a chapter speaks of is not part of this, so that there is nothing to hold. */
const isHere = ({ held }: Claim) => !held.startsWith('not here')

it('each item of the two lists has a row, in their order', () => {
  const numbers = (claims: readonly Claim[]) => claims.map(({ item }) => item.split(' ', 1)[0])
  expect(numbers(top10)).toEqual(Array.from({ length: 10 }, (_, at) => `API${at + 1}`))
  expect(numbers(asvs)).toEqual(Array.from({ length: 17 }, (_, at) => `V${at + 1}`))
})

describe.each([...top10, ...asvs].filter(isHere).map((claim) => [claim.item, claim] as const))(
  '%s',
  (_item, { code, tests }) => {
    it('names what holds it, and that is there', () => {
      expect(code).not.toEqual([])
      expect(code.filter((file) => !existsSync(file) || file.startsWith('test/'))).toEqual([])
    })

    it('names a test that fails where it is not held, and that is there', () => {
      expect(tests).not.toEqual([])
      expect(tests.filter((file) => !existsSync(file) || !/^test\/.*\.test\.ts$/.test(file))).toEqual([])
    })
  },
)

it('few chapters are not here, and each says so instead of a file', () => {
  const absent = asvs.filter((claim) => !isHere(claim))
  expect(absent.map(({ item }) => item.split(' ', 1)[0])).toEqual(['V6', 'V7', 'V10', 'V17'])
  expect(absent.flatMap(({ code, tests }) => [...code, ...tests])).toEqual([])
})

it('what is not held has the letters in their order, each with what follows from it', () => {
  expect(letters).toEqual(letters.map((_, at) => String.fromCharCode(65 + at)))
  expect(letters.length).toBeGreaterThan(10)
  for (const [, what, follows] of rowsOf('What is not held')) expect([what, follows]).not.toContain('')
})

it('a row that does not hold all names letters that are there, and each letter is named by a row', () => {
  const named = [...top10, ...asvs].flatMap(({ not }) => not)
  expect(named.filter((letter) => !letters.includes(letter))).toEqual([])
  expect(letters.filter((letter) => !named.includes(letter))).toEqual([])
})

it('every path that the page names is there', () => {
  const paths = [...page.matchAll(/`([\w.-]+(?:\/[\w.-]+)+)`/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(50)
  expect(paths.filter((path) => !existsSync(path) && !path.startsWith('DATA_DIR/'))).toEqual([])
})

it('says where to report, and that page is short', () => {
  expect(sections.get('How to report')).toContain('(../SECURITY.md)')
  expect(read('SECURITY.md').split('\n').length).toBeLessThan(15)
  expect(read('SECURITY.md')).toContain('security@')
})

function claimsOf(title: string): Claim[] {
  return rowsOf(title).map(([item = '', held = '', not = '', code = '', tests = '']) => ({
    item,
    held,
    not: not === '' ? [] : not.split(', '),
    code: spansOf(code),
    tests: spansOf(tests),
  }))
}

/** The cells of a section's table, below its head. */
function rowsOf(title: string): string[][] {
  const lines = (sections.get(title) ?? '').split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

function spansOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span)
}
