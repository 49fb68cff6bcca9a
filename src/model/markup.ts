/** What a page is made of; what merely stands between < and > (an address, a part of a formula) is not one of these. */
const elements =
  `!doctype|html|head|title|meta|link|style|body|p|div|span|br|hr|a|img|b|i|u|s|em|strong|small|sup|sub|font|center|
h[1-6]|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tfoot|tr|td|th|blockquote|pre|code|section|article|header|footer|main|figure|
button|label`.replace(/\s/g, '')

/** A tag: its name alone, or with an attribute that has a value (`<b et c>` has none), or `<!doctype html>`; a comment. */
const tag = new RegExp(
  `<(?:/?(?:${elements})(?:\\s+[\\w:-]+\\s*=[^<>]*|\\s*)/?>|!doctype\\s[^<>]*>|!--)`,
  'i',
)

/** Whether a text is a page of HTML. */
export function isHtml(text: string): boolean {
  return tag.test(text)
}

/** A text as a page that reads the same: its lines stay, and so does what stands in angle brackets. */
export function asHtml(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(/\r?\n/g, '<br>\n')
}
