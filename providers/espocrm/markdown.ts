const url = /https?:\/\/[A-Za-z0-9\-._/?#@!$&+,;:=%]+/g
const inline = /[\\`*_[\]<>~|&]/g
const blockStart = /^(?:[#+=-]|\d{1,9}(?=[.)]))/

/**
 * A stranger's text that EspoCRM shows as it was written: its Markdown is escaped, and an @ is written as an entity,
 * since `@name` in a post notifies a user (Tools/Notification/NoteMentionHookProcessor). Links stay links.
 */
export function plainText(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => lineOf(line.trim()))
    .join('\n')
}

function lineOf(line: string): string {
  let escaped = ''
  let from = 0
  for (const { 0: link, index } of line.matchAll(url)) {
    escaped += plainWords(line.slice(from, index)) + link.replaceAll('@', '%40')
    from = index + link.length
  }
  escaped += plainWords(line.slice(from))
  return escaped.replace(blockStart, startOf)
}

/** Words in the middle of a line, likewise. */
export function plainWords(words: string): string {
  return words.replace(inline, '\\$&').replaceAll('@', '&#64;')
}

/** A heading, a list or a rule begins with one of these; a numbered list with a number and a dot, which is escaped. */
function startOf(start: string): string {
  return /^\d/.test(start) ? `${start}\\` : `\\${start}`
}
