import { describe, expect, it } from 'vitest'
import { headingsOf } from '../../scripts/pages/headings.ts'
import { read, scriptsNamed } from './paper.ts'

const english = read('README.md')
const french = read('README.fr.md')

it.each([
  ['README.md', 9_216],
  ['README.fr.md', 9_216],
  ['CONTRIBUTING.md', 5_120],
])('%s has at most %i bytes', (page, most) => {
  expect(Buffer.byteLength(read(page))).toBeLessThanOrEqual(most)
})

describe('README.fr.md says what README.md says', () => {
  it('under as many headings of the same levels', () => {
    const levels = (page: string) => headingsOf(page).map(({ level }) => level)
    expect(levels(french)).toEqual(levels(english))
    expect(levels(english).length).toBeGreaterThan(5)
  })

  it('at about the same length', () => {
    const ratio = Buffer.byteLength(french) / Buffer.byteLength(english)
    expect(ratio).toBeGreaterThan(0.9)
    expect(ratio).toBeLessThan(1.2)
  })

  it('with the same commands and answers', () => {
    expect(blocksOf(french)).toEqual(blocksOf(english))
    expect(scriptsNamed(french)).toEqual(scriptsNamed(english))
  })

  it('with as many rows, steps and points', () => {
    const marks = (page: string) => page.split('\n').flatMap((line) => /^(\||- |\d\. )/.exec(line)?.[1] ?? [])
    expect(marks(french)).toEqual(marks(english))
  })

  it('with links to the same pages', () => {
    const targets = (page: string) => [...page.matchAll(/\]\(([^)#]+)/g)].map(([, target]) => target)
    expect(targets(french).filter((target) => target !== 'README.md')).toEqual(
      targets(english).filter((target) => target !== 'README.fr.md'),
    )
  })

  it('with the same words of ours: variables, fields, statuses', () => {
    const words = (page: string) =>
      [...page.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, word]) => word)
    expect(words(french).toSorted()).toEqual(words(english).toSorted())
  })
})

/** The blocks of code, but for the picture, whose words are translated. */
function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```[\s\S]*?^```$/gm)]
    .map(([block]) => block)
    .filter((block) => !block.includes('───'))
}
