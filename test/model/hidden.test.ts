import { expect, it } from 'vitest'
import { hiddenOf } from '#src/model/hidden.ts'
import { channels, outgoingMessage } from '#src/model/message.ts'
import { distinct } from '#support/distinct.ts'

/** What of a message may be told: none of it is a person's. */
const tellable = new Map([
  ['channel', 'one word of ours'],
  ['id', 'what ties the error to its message'],
  ['tenantId', 'a name of ours'],
  ['attachments.content', 'base64, which no provider quotes'],
  ['attachments.contentType', 'a kind of file'],
  ['trackedByUs.provider', 'a name of ours'],
  ['tracking.consent.at', 'when, which no provider is told'],
  ['tracking.consent.how', 'the same'],
  ['reached', 'some of the copies, which are hidden as such'],
  ['template.contentSid', "Twilio's name of a template"],
])
/** As they are hidden: without markup, and by its digits. */
const values = { html: 'html', to: '33612345678' }

const messages = outgoingMessage.options.flatMap((schema) =>
  channels.flatMap((channel) => {
    const { data } = outgoingMessage.safeParse(distinct(schema, { ...values, channel }))
    return data ? [{ channel, message: data }] : []
  }),
)

it('there is a message of every channel', () => {
  expect(messages.map(({ channel }) => channel).toSorted()).toEqual([...channels].toSorted())
})

it.each(messages)('every text of a message by $channel is hidden, or named here', ({ message }) => {
  const { texts, numbers, secrets } = hiddenOf(message, [])
  const hidden = [...texts, ...numbers, ...secrets]
  const told = textsOf(message).filter(({ text }) => !hidden.includes(text))
  const fields = new Set(textsOf(message).map(({ field }) => field))
  expect([...new Set(told.map(({ field }) => field))].toSorted()).toEqual(
    [...tellable.keys()].filter((field) => fields.has(field)).toSorted(),
  )
})

/** Each text in it, and its field: `attachments.filename`, whichever attachment. */
function textsOf(value: unknown, field = ''): { field: string; text: string }[] {
  if (typeof value === 'string') return [{ field, text: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    textsOf(inner, Array.isArray(value) ? field : [field, name].filter(Boolean).join('.')),
  )
}
