import { headingsOf } from './headings.ts'

const begin = '<!-- contents: made by npm run pages -->'
const end = '<!-- contents: end -->'

/** A page with its contents list as it must be; a page without a place for one as it is. */
export function withContents(page: string): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) return page
  return `${before}${begin}\n${contentsOf(page)}\n${end}${after}`
}

function contentsOf(page: string): string {
  return headingsOf(page)
    .filter(({ level }) => level === 2 || level === 3)
    .map(({ level, title, anchor }) => `${level === 3 ? '  ' : ''}- [${title}](#${anchor})`)
    .join('\n')
}
