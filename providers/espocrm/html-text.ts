import { compile } from 'html-to-text'

/**
 * What is read of a page, so that no page holds everybody up: reading takes time for each tag, and more the deeper they stand
 * in one another. Newsletters of 100 kB have some 2,000 tags. What follows is left out, and `…` says so.
 */
const most = { characters: 100_000, tags: 3_000, depth: 100 }

const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']

const read = compile({
  wordwrap: false,
  limits: { maxDepth: most.depth, ellipsis: '…' },
  selectors: [
    ...['head', 'style', 'script', 'img'].map((selector) => ({ selector, format: 'skip' })),
    ...headings.map((selector) => ({
      selector,
      options: { uppercase: false, leadingLineBreaks: 2, trailingLineBreaks: 2 },
    })),
    { selector: 'a', options: { ignoreHref: true } },
  ],
})

/** An HTML email as the text that a person would read of it, its paragraphs apart; of a very long one its beginning. */
export function htmlText(html: string): string {
  const end = endOf(html)
  const text = read(html.slice(0, end)).trim()
  return end < html.length && !text.endsWith('…') ? `${text}…` : text
}

function endOf(html: string): number {
  const longest = Math.min(html.length, most.characters)
  let at = -1
  for (let tags = 0; tags <= most.tags; tags += 1) {
    at = html.indexOf('<', at + 1)
    if (at === -1 || at >= longest) return longest
  }
  return at
}
