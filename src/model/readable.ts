const encodedWord = /=\?([\w-]+)\?([bq])\?([^?\s]*)(?:\?=(?:\s+(?==\?))?)?/gi
const percents = /(?:%[\da-f]{2})+/gi
/** Only what begins no ASCII character: `size=1000` is not quoted-printable. */
const quotedPrintable = /(?:=[89a-f][\da-f]){2,}/gi
const accented = /&([a-z])(?:acute|grave|circ|uml|cedil|tilde|ring|slash|caron);/gi
const numbered = /&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi
const unseen = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g

const entities: readonly (readonly [RegExp, string])[] = [
  [/&lt;/gi, '<'],
  [/&gt;/gi, '>'],
  [/&quot;/gi, '"'],
  [/&(?:apos|rsquo|lsquo);/gi, "'"],
  [/&(?:nbsp|hellip|mdash|ndash|laquo|raquo);/gi, ' '],
  // The last: what it makes is not read again.
  [/&amp;/gi, '&'],
]

/**
 * A text as a person would read it, on one line: what a mail server, a JSON text, a page or a form wrote otherwise (an encoded
 * word, `\u00e9`, `&#39;`, `%20`) as the characters that are meant.
 */
export function readable(text: string): string {
  const plain = text
    .replace(/=\r?\n/g, '')
    .replace(encodedWord, (all, charset: string, kind: string, content: string) =>
      decoded(kind.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : qBytes(content), charset, all),
    )
    .replace(/\\u([\da-f]{4})/gi, (_all, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replace(/\\(["'/\\])/g, '$1')
    .replace(percents, (all) => decoded(Buffer.from(all.replaceAll('%', ''), 'hex'), 'utf-8', all))
    .replace(quotedPrintable, (all) => decoded(Buffer.from(all.replaceAll('=', ''), 'hex'), 'utf-8', all))
  return withoutEntities(plain)
    .replace(unseen, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** A text without the entities of HTML. An accent is left out: it is not looked at where texts are compared. */
export function withoutEntities(text: string): string {
  if (!text.includes('&')) return text
  const plain = text
    .replace(accented, '$1')
    .replace(numbered, (all, hex: string | undefined, decimal: string | undefined) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : all
    })
  return entities.reduce((rest, [entity, character]) => rest.replace(entity, character), plain)
}

/** Bytes as text, `otherwise` where they are none. A character that was cut off at their end is left out. */
export function decoded(bytes: Buffer, charset: string, otherwise: string): string {
  for (const length of [0, 1, 2, 3].map((cut) => bytes.length - cut)) {
    try {
      return new TextDecoder(charset, { fatal: true }).decode(bytes.subarray(0, Math.max(0, length)))
    } catch {
      // Of another charset, or not text at all; or its last character is not whole.
    }
  }
  return otherwise
}

/** https://www.rfc-editor.org/rfc/rfc2047#section-4.2 */
function qBytes(content: string): Buffer {
  const bytes = content
    .replaceAll('_', ' ')
    .replace(/=([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1')
}
