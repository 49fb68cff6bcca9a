import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { failedOverFrom, warningMeanings } from '#src/model/warnings.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].map((page) =>
  readFileSync(`${root}/${page}`, 'utf8'),
)

test.each([...Object.keys(warningMeanings), failedOverFrom('<provider>')])(
  'what the warning %s means stands in the documents',
  (warning) => {
    expect(pages.filter((page) => page.includes(`\`${warning}\``))).not.toEqual([])
  },
)
