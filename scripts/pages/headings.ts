/** A heading of a page, and the anchor that GitHub gives it. */
export interface Heading {
  level: number
  title: string
  anchor: string
}

const heading = /^(#+) (.+)$/

/** The headings of a page in Markdown, in their order. What stands in a code block is not one. */
export function headingsOf(page: string): Heading[] {
  const timesUsed = new Map<string, number>()
  return withoutCode(page)
    .split('\n')
    .flatMap((line) => {
      const [, hashes = '', title = ''] = heading.exec(line) ?? []
      if (title === '') return []
      const slug = slugOf(title)
      const times = timesUsed.get(slug) ?? 0
      timesUsed.set(slug, times + 1)
      return [{ level: hashes.length, title, anchor: times === 0 ? slug : `${slug}-${times}` }]
    })
}

/** A page without what stands in its code blocks. */
export function withoutCode(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, '')
}

/** https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/gu, '-')
}
