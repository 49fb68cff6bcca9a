/** What a mail reader would show of a raw message. */
export interface ReadMail {
  /** Lower-case names, unfolded and decoded; a repeated header keeps its first value. */
  headers: Record<string, string>
  text?: string
  html?: string
}

/** Reads RFC 5322 with MIME, as far as the mails of an ordinary sender go. */
export function readMail(raw: Buffer): ReadMail {
  const { headers, body } = split(raw.toString('latin1'))
  const leaves = leavesOf(headers, body)
  const text = leaves.find(({ type }) => type === 'text/plain')?.content
  const html = leaves.find(({ type }) => type === 'text/html')?.content
  const readable = Object.entries(headers).map(([name, value]) => [name, words(utf8(value))])
  return {
    headers: Object.fromEntries(readable),
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
  }
}

/** The bare address in `Name <address>`. */
export function bareAddress(party: string): string {
  return (/<([^<>]*)>\s*$/.exec(party)?.[1] ?? party).trim()
}

interface Leaf {
  type: string
  content: string
}

function split(part: string): { headers: Record<string, string>; body: string } {
  const end = /\r?\n\r?\n/.exec(part)
  const head = part.slice(0, end?.index ?? part.length).replaceAll(/\r?\n[ \t]+/g, ' ')
  const headers: Record<string, string> = {}
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon > 0) headers[name] ??= line.slice(colon + 1).trim()
  }
  return { headers, body: end ? part.slice(end.index + end[0].length) : '' }
}

function leavesOf(headers: Record<string, string>, body: string): Leaf[] {
  const header = headers['content-type'] ?? 'text/plain'
  const type = (header.split(';', 1)[0] ?? '').trim().toLowerCase()
  const boundary = /boundary="?([^";]+)"?/i.exec(header)?.[1]
  if (type.startsWith('multipart/') && boundary !== undefined)
    return parts(body, boundary).flatMap((part) => {
      const inner = split(part)
      return leavesOf(inner.headers, inner.body)
    })
  if (/^attachment/i.test(headers['content-disposition'] ?? '')) return []
  const bytes = decoded(body, (headers['content-transfer-encoding'] ?? '7bit').toLowerCase())
  const charset = /charset="?([\w-]+)"?/i.exec(header)?.[1] ?? 'utf-8'
  return [{ type, content: decode(bytes, charset) }]
}

function parts(body: string, boundary: string): string[] {
  const [within = ''] = `\r\n${body}`.split(`\r\n--${boundary}--`, 1)
  return within
    .split(`\r\n--${boundary}`)
    .slice(1)
    .map((part) => part.replace(/^[ \t]*\r?\n/, ''))
}

function decoded(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  return Buffer.from(
    encoding === 'quoted-printable' ? unquoted(body.replaceAll(/=\r?\n/g, '')) : body,
    'latin1',
  )
}

function unquoted(text: string): string {
  return text.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** Encoded words of RFC 2047; the space between two of them is not a space. */
function words(value: string): string {
  const pattern = /=\?([\w-]+)(?:\*\w+)?\?([bq])\?([^?]*)\?=/gi
  return value.replaceAll(/(\?=)\s+(=\?)/g, '$1$2').replaceAll(pattern, (_, charset, encoding, text) => {
    const bytes = /b/i.test(encoding)
      ? Buffer.from(text, 'base64')
      : Buffer.from(unquoted(text.replaceAll('_', ' ')), 'latin1')
    return decode(bytes, charset)
  })
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8')
}

function decode(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    // A charset nobody knows: the bytes are still worth showing.
    return bytes.toString('latin1')
  }
}
