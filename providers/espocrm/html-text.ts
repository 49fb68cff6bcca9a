import { compile } from 'html-to-text'

const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']

const read = compile({
  wordwrap: false,
  selectors: [
    ...['head', 'style', 'script', 'img'].map((selector) => ({ selector, format: 'skip' })),
    ...headings.map((selector) => ({
      selector,
      options: { uppercase: false, leadingLineBreaks: 2, trailingLineBreaks: 2 },
    })),
    { selector: 'a', options: { ignoreHref: true } },
  ],
})

/** An HTML email as the text that a person would read of it, its paragraphs apart. */
export function htmlText(html: string): string {
  return read(html).trim()
}
