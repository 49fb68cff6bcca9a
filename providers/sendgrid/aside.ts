import { randomUUID } from 'node:crypto'
import type { MailDataRequired } from '@sendgrid/mail'
import { otherTexts } from '#src/model/large-json.ts'

const longCharacters = 16 * 1024

export type Aside = ReturnType<typeof createAside>

/**
 * Keeps long texts out of the SDK, which copies all that it is given by way of JSON, some of it twice: with 24 MB attached that
 * would hold everybody up for a second. What is written to SendGrid has them again.
 */
export function createAside() {
  const texts = new Map<string, string>()

  function put(text: string): string {
    if (text.length < longCharacters) return text
    const mark = `aside:${randomUUID()}`
    texts.set(mark, text)
    return mark
  }

  return {
    /** Sends a mail without its long texts. */
    async without<Sent>(
      { content, attachments, ...mail }: MailDataRequired,
      send: (mail: MailDataRequired) => Promise<Sent>,
    ): Promise<Sent> {
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
      }
    },

    /** What the SDK made of it, with its long texts. */
    whole: (body: unknown): unknown => otherTexts(body, (text) => texts.get(text) ?? text),
  }
}
