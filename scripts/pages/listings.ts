/** A link to a file below docs/examples, and the block of code that shows it. */
const listing = /^(\[`[^`]+`\]\((examples\/[^)]+)\)\n\n)```\w+\n[\s\S]*?^```$/gm

/** A page of docs with each of its listings as the file says it. `read` gives the text of a file, by its path from docs. */
export function withListings(page: string, read: (file: string) => string): string {
  return page.replace(listing, (_block, caption: string, file: string) => {
    const language = file.slice(file.lastIndexOf('.') + 1)
    return `${caption}\`\`\`${language}\n${read(file)}\`\`\``
  })
}

/** The files that a page shows, by their paths from docs. */
export function filesShown(page: string): string[] {
  return [...page.matchAll(listing)].map(([, , file = '']) => file)
}
