import { randomUUID } from 'node:crypto'
import type { MailDataRequired } from '@sendgrid/mail'
import { blobOf } from '#src/contract/json-body.ts'
import type { Attached } from '#src/model/attached.ts'
import { jsonParts, withOthers } from '#src/model/large-json.ts'

const longCharacters = 16 * 1024

/** A mail as the SDK takes it, but for what is attached, which may be the bytes of its text. */
export interface Mail extends Omit<MailDataRequired, 'attachments'> {
  attachments?: (Omit<NonNullable<MailDataRequired['attachments']>[number], 'content'> & {
    content: Attached
  })[]
}

export type Aside = ReturnType<typeof createAside>

/**
 * Keeps long texts out of the SDK, which copies all that it is given by way of JSON, some of it twice: with 24 MB attached that
 * would hold everybody up for a second. What is written to SendGrid has them again.
 */
export function createAside() {
  const texts = new Map<string, Attached>()
  /** What is attached as it is written, brought together before the SDK is asked, which does not wait. */
  const blobs = new Map<Attached, Blob>()

  function put(text: Attached): string {
    if (typeof text === 'string' && text.length < longCharacters) return text
    const mark = `aside:${randomUUID()}`
    texts.set(mark, text)
    return mark
  }

  return {
    /** Sends a mail without its long texts. */
    async without<Sent>(
      { content, attachments, ...mail }: Mail,
      send: (mail: MailDataRequired) => Promise<Sent>,
    ): Promise<Sent> {
      for (const one of attachments ?? []) blobs.set(one.content, await blobOf(one.content))
      const short = {
        ...mail,
        content: content.map(({ type, value }) => ({ type, value: put(value) })),
        ...(attachments && {
          attachments: attachments.map((one) => ({ ...one, content: put(one.content) })),
        }),
      }
      try {
        return await send(short)
      } finally {
        for (const { value } of short.content) texts.delete(value)
        for (const one of short.attachments ?? []) texts.delete(one.content)
        for (const one of attachments ?? []) blobs.delete(one.content)
      }
    },

    /** What the SDK made of it as JSON, with its long texts. */
    whole(body: unknown): string | Blob {
      const parts = jsonParts(
        withOthers(body, (text) => (typeof text === 'string' ? (texts.get(text) ?? text) : text)),
      )
      const written = parts.map((part) => blobs.get(part) ?? part)
      const [first = '', ...others] = written
      if (others.length === 0 && typeof first === 'string') return first
      // The type of the request is taken from it.
      return new Blob(written.map(blobPart), { type: 'application/json' })
    },
  }
}

function blobPart(part: Attached | Blob): string | Blob | Uint8Array<ArrayBuffer> {
  return part instanceof Uint8Array ? new Uint8Array(part) : part
}
