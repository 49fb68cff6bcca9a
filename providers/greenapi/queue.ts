import { z } from 'zod'
import { unreadable } from '#src/contract/http.ts'

const fields = z.object({
  messageID: z.string().min(1),
  body: z.object({ chatId: z.string().nullish(), message: z.string().nullish() }).nullish().catch(undefined),
})

/** One message that the instance has accepted and not sent yet; `raw` as it came. */
export type QueueItem = z.infer<typeof fields> & { raw: unknown }

/** The queue, without what cannot be read of it. Throws a retryable ProviderError where nothing of it can be. */
export function queueItems(answer: unknown): QueueItem[] {
  if (!Array.isArray(answer)) throw unreadable('greenapi')
  const items = answer.flatMap((raw) => {
    const { data } = fields.safeParse(raw)
    return data ? [{ ...data, raw }] : []
  })
  if (items.length === 0 && answer.length > 0) throw unreadable('greenapi')
  return items
}
