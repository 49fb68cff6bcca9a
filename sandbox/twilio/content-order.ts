import { z } from 'zod'

/** What Twilio takes of the two kinds of content that are here (twilio.com/docs/content, QR). */
const quickReply = z.object({
  type: z.literal('QUICK_REPLY').optional(),
  title: z.string().min(1).max(20),
  id: z.string().min(1).max(200).optional(),
})
const types = z.strictObject({
  'twilio/text': z.object({ body: z.string().min(1).max(1_600) }).optional(),
  'twilio/quick-reply': z
    .object({ body: z.string().min(1).max(1_024), actions: z.array(quickReply).min(1).max(10) })
    .optional(),
})
const order = z.object({
  // A camelCase name is none that it knows: dropped, as the real one does (twilio-node#1046).
  friendly_name: z.string().max(200).default(''),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/),
  variables: z.record(z.string().regex(/^\w+$/), z.string()).default({}),
  types,
})

export type ContentTypes = z.infer<typeof types>
export type ContentOrder = z.infer<typeof order>

/** A request to create content, read as Twilio does; or what it says is wrong, in its words where they are known. */
export function readContent(body: unknown): ContentOrder | { complaint: string } {
  const given = z.object({ types: z.record(z.string(), z.unknown()).catch({}) }).safeParse(body).data
  if (!given || Object.keys(given.types).length === 0)
    return { complaint: 'Invalid types. At least one content type definition is required' }
  const read = order.safeParse(body)
  if (!read.success) {
    const [issue] = read.error.issues
    return { complaint: `Invalid ${issue?.path.join('.') || 'types'}. ${issue?.message}` }
  }
  const { variables } = read.data
  const lacking = [...placeholders(read.data.types)].find((name) => !Object.hasOwn(variables, name))
  // The real one takes content without samples, and WhatsApp then rejects it: told here before anybody waits for that.
  return lacking === undefined ? read.data : { complaint: `Invalid variables. No sample for {{${lacking}}}` }
}

/** The names of the variables that content uses, in its texts and in the ids of its buttons. */
export function placeholders(content: ContentTypes): Set<string> {
  const reply = content['twilio/quick-reply']
  const texts = [
    content['twilio/text']?.body ?? '',
    reply?.body ?? '',
    ...(reply?.actions ?? []).map(({ id = '' }) => id),
  ]
  return new Set(texts.flatMap((text) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name)))
}
