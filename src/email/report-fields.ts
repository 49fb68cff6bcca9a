/** Fields by their names in lower case; of a repeated one the first. */
export type Fields = Readonly<Record<string, string | undefined>>

/** More of a field says nothing: what strangers write into it is as long as they like. */
const longestField = 2_000

/** The blocks of fields that a text consists of (RFC 3464 §2.1), one line a field, however they were folded. */
export function fieldBlocks(text: string): Fields[] {
  const blocks: Fields[] = []
  for (const block of lines(text).split(/\n{2,}/)) {
    const fields = new Map<string, string>()
    for (const line of block.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const [, name = '', value = ''] = /^([\w-]+)\s*:\s*(.*)$/.exec(line) ?? []
      if (name !== '' && !fields.has(name.toLowerCase()))
        fields.set(name.toLowerCase(), value.trim().slice(0, longestField))
    }
    if (fields.size > 0) blocks.push(Object.fromEntries(fields))
  }
  return blocks
}

/** Line ends of one kind; what looks empty is empty, or it would join what it keeps apart. */
export function lines(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/^[ \t]+$/gm, '')
}

/** Of `rfc822; <a@b> (Name)` the address; undefined where there is none. */
export function addressIn(value: string | undefined): string | undefined {
  const written = value?.slice(value.indexOf(';') + 1).slice(0, longestField) ?? ''
  // From the beginning of a word on: tried from each of its letters it takes the square of its length.
  return /(?<![^\s<>,;"()])[^\s<>,;"()]+@[^\s<>,;"()]+/.exec(written)?.[0]
}

/** The enhanced status in a text (RFC 3463), and no piece of a network address. */
export function statusIn(text: string | undefined): string | undefined {
  return /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)/.exec(text ?? '')?.[0]
}
