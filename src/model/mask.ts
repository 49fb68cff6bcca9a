/** Both also as they stand in the path of a URL. */
const address = /<?[^\s@<>"'`(),;:]+(?:@|%40)[^\s@<>"'`(),;:]+>?/gi
// With a plus, or eight digits and more: an SMTP reply such as "550 5.1.1" is not a phone number.
const number = /(?:\+|%2B)\d[\d\s().-]{5,}\d|\b\d(?:[\s().-]?\d){7,}\b/gi

/** What looks like somebody's address or phone number, and what stands in its place. */
export const maskedPatterns: readonly (readonly [RegExp, string])[] = [
  [address, '<address>'],
  [number, '<number>'],
]

/** A text without email addresses and phone numbers. */
export function masked(text: string): string {
  return maskedPatterns.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), text)
}
