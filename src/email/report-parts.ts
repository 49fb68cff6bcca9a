import type { FetchBodyPartQuery, MessageStructureObject } from 'imapflow'

/** The headers that a report is known by, and that say where it came to. */
const reportHeaders = new Set([
  'content-type',
  'content-transfer-encoding',
  'from',
  'to',
  'date',
  'message-id',
  'return-path',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-delivered-to',
  'x-failed-recipients',
])

/** So much is read: of the headers, and of each part; what tells of recipients; what is returned of the mail, of which its headers come first; words. */
const mostBytes = { headers: 64 * 1024, told: 128 * 1024, returned: 32 * 1024, words: 16 * 1024 }
const told = /^message\/(?:delivery-status|feedback-report|global-delivery-status)$/
const returned = /^(?:text|message)\/(?:rfc822(?:-headers)?|global(?:-headers)?)$/

/** All headers: of those that are asked for by name imapflow takes however much there is. */
export const headerPart: FetchBodyPartQuery = { key: 'HEADER', maxLength: mostBytes.headers }

/** Of all headers those, as they are written. */
export function reportHeadersIn(headers: Buffer = Buffer.alloc(0)): Buffer {
  const fields = headers.toString('latin1').split(/\r?\n(?![ \t])/)
  const name = (field: string) => field.slice(0, field.indexOf(':')).trim().toLowerCase()
  return Buffer.from(fields.filter((field) => reportHeaders.has(name(field))).join('\r\n'), 'latin1')
}

/** The parts that make a mail a report, by what its structure says, before any of it is read; undefined: it is not one. */
export function reportParts(structure: MessageStructureObject): FetchBodyPartQuery[] | undefined {
  const parts = structure.childNodes ?? []
  const type = (node: MessageStructureObject) => node.type.toLowerCase()
  if (!type(structure).startsWith('multipart/')) {
    // Words alone may be one, by their headers: qmail's, and those of older Exims.
    return type(structure) === 'text/plain' ? [{ key: 'TEXT', maxLength: mostBytes.words }] : undefined
  }
  if (!parts.some((part) => told.test(type(part)))) return undefined
  const wanted = (test: (part: MessageStructureObject) => boolean, maxLength: number) => {
    const key = parts.find(test)?.part
    return key === undefined
      ? []
      : [
          { key: `${key}.MIME`, maxLength: mostBytes.words },
          { key, maxLength },
        ]
  }
  return [
    ...wanted((part) => type(part) === 'text/plain', mostBytes.words),
    ...wanted((part) => told.test(type(part)), mostBytes.told),
    ...wanted((part) => returned.test(type(part)), mostBytes.returned),
  ]
}

/** Whether words alone may be a report: whoever sends them is a mail server, or says whom it is about. */
export function saysReport(headers: string): boolean {
  return (
    /^x-failed-recipients:/im.test(headers) ||
    /^return-path:\s*<>/im.test(headers) ||
    /^from:.*\b(?:mailer-daemon|postmaster)@/im.test(headers)
  )
}

/** A mail of those parts alone, as if they were all that it has. */
export function mailOfParts(
  headers: Buffer,
  boundary: string | undefined,
  parts: Map<string, Buffer>,
): Buffer {
  const line = Buffer.from('\r\n')
  const head = Buffer.concat([Buffer.from(headers.toString('latin1').trimEnd(), 'latin1'), line, line])
  const words = [...parts].find(([key]) => key.toUpperCase() === 'TEXT')?.[1]
  if (words) return Buffer.concat([head, words])
  const bodies = [...parts].filter(([key]) => !/\.MIME$/i.test(key))
  const pieces = bodies.flatMap(([key, body]) => {
    const mime = [...parts].find(([name]) => name.toUpperCase() === `${key.toUpperCase()}.MIME`)?.[1]
    const fields = Buffer.from(`${(mime ?? Buffer.alloc(0)).toString('latin1').trim()}\r\n\r\n`, 'latin1')
    return [Buffer.from(`--${boundary}\r\n`), fields, body, line]
  })
  return Buffer.concat([head, ...pieces, Buffer.from(`--${boundary}--\r\n`)])
}
