import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { providerEntries } from '#providers/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Channel } from '#src/model/message.ts'
import { expectNothingOf, quotable, secretEmail, secretText } from '#support/secret-message.ts'
import type { SendingCases } from '#support/sending-cases.ts'
import { type Answer, startWorld, type World } from '#support/world.ts'
import * as greenapi from '../providers/greenapi/sending-cases.ts'
import * as resend from '../providers/resend/sending-cases.ts'
import * as sendgrid from '../providers/sendgrid/sending-cases.ts'
import * as smtp from '../providers/smtp/sending-cases.ts'
import * as twilio from '../providers/twilio/sending-cases.ts'

/** One way to send, and how its provider's API is made to answer. */
interface Quoting {
  provider: string
  channel: Channel
  /** The variables that point the server at the API. */
  listen(): Promise<Environment>
  /** Makes the API answer so; gives what it quotes. */
  quote(kind: 'refused' | 'later' | 'accepted'): Generator<string>
}

const ways = [
  quotingBy('smtp', smtp.cases, smtp.environment),
  quotingBy('sendgrid', sendgrid.cases, sendgrid.environment),
  quotingBy('resend', resend.cases, resend.environment),
  quotingBy('twilio', twilio.casesOn('whatsapp'), twilio.environment),
  quotingBy('greenapi', greenapi.cases, greenapi.environment),
]
const closers: (() => void)[] = []
let world: World
let people = 0
/** Whatever a provider asked for has passed when it is asked again. */
let passedMs = 0

beforeAll(async () => {
  const environments = await Promise.all(ways.map((way) => way.listen()))
  world = await startWorld({
    environment: Object.assign({}, ...environments),
    workerEveryMs: 3_600_000,
    now: () => new Date(Date.now() + passedMs),
  })
})
afterAll(async () => {
  await world.stop()
  for (const close of closers) close()
})

test('every provider that sends is among them', () => {
  expect(ways.map(({ provider }) => provider)).toEqual(providerEntries.map(({ name }) => name))
})

describe.each(ways)('what $provider quotes', ({ provider, channel, quote }) => {
  test.each([
    ['refused', 422],
    ['later', 202],
    ['accepted', 200],
  ] as const)('is in no line, row or answer where a message is %s', async (kind, status) => {
    const messageIds = new Set<string>()
    for (const quoted of quote(kind)) {
      passedMs += 2 * 3_600_000
      const answer = await sent(provider, channel)
      expect({ quoted, ...answer }).toMatchObject({ status })
      // The preview is for the person who asked: it shows the subject and the address.
      expectNothingOf(JSON.stringify({ ...answer.body, preview: undefined }))
      messageIds.add(answer.body.messageId)
    }
    expect(messageIds.size).toBeGreaterThan(1)
    expect(messageIds).not.toContain(undefined)
    for (const table of await tables([...messageIds])) expectNothingOf(table)
    expectNothingOf(world.logLines.join(''))
  })
})

/** A send of the shared message; each email to an address of its own, which a refusal may make one that is dead. */
function sent(provider: string, channel: Channel): Promise<Answer> {
  if (channel !== 'email') {
    const { to, body } = secretText(channel)
    return world.action('sendWhatsApp', { provider, to, body })
  }
  const { to, cc, bcc, subject, text, html, attachments } = secretEmail
  people += 1
  const own = to.replace('@', `+${people}@`)
  return world.action('sendEmail', { provider, to: own, cc, bcc, subject, body: html, text, attachments })
}

/** All that was written of these messages, but the message itself. */
async function tables(messageIds: string[]): Promise<string[]> {
  const rows = await Promise.all(
    [
      `select to_jsonb(m) - 'recipient' - 'subject' - 'text' as row from messages m where id = any ($1)`,
      `select to_jsonb(a) as row from message_attempts a where message_id = any ($1)`,
      `select to_jsonb(e) - 'recipient' - 'event_id' as row from message_events e where message_id = any ($1)`,
      `select to_jsonb(s) - 'address' as row from suppressions s where message_id = any ($1)`,
    ].map((sql) => world.database.query(sql, [messageIds])),
  )
  expect(rows.slice(0, 2).every((found) => found.length >= messageIds.length)).toBe(true)
  return rows.flat().map((row) => JSON.stringify(row))
}

function quotingBy<Answer>(
  provider: string,
  { channel, protocol, accepted, quoting, keys }: SendingCases<Answer>,
  environment: (at: string) => Environment,
): Quoting {
  let current = accepted
  return {
    provider,
    channel,
    async listen() {
      const api = await protocol.listen(
        () => current,
        (close) => closers.push(close),
      )
      return environment(api.at)
    },
    *quote(kind) {
      const message = channel === 'email' ? secretEmail : secretText(channel)
      for (const quoted of [...quotable(message).slice(0, 4), ...keys])
        for (const answer of quoting(`The value "${quoted}" is not allowed here`)[kind]) {
          current = answer
          yield quoted
        }
      current = accepted
    },
  }
}
