// Both also as they stand in the path of a URL.
const address = /<?[^\s@<>"'(),;:]+(?:@|%40)[^\s@<>"'(),;:]+>?/gi
// With a plus, or eight digits and more: an SMTP reply such as "550 5.1.1" is no phone number.
const number = /(?:\+|%2B)\d[\d\s().-]{5,}\d|\b\d(?:[\s().-]?\d){7,}\b/gi

/** A text without email addresses and phone numbers. */
export function masked(text: string): string {
  return text.replace(address, '<address>').replace(number, '<number>')
}

/**
 * A provider's own explanation, fit for a row, an answer and a log: one line of at most 300 characters, without
 * addresses, numbers and the given secrets and bodies.
 */
export function publicReason(explanation: string, hidden: readonly string[] = []): string {
  const without = hidden
    .filter((part) => part !== '')
    .reduce((rest, part) => rest.replaceAll(part, '<hidden>'), explanation.slice(0, 100_000))
  // Hidden before it is cut: a part that is longer than what is left would not be found in it.
  return masked(without.slice(0, 2_000).replace(/[\s\p{Cc}]+/gu, ' '))
    .trim()
    .slice(0, 300)
}
