import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { expectNothingOf, quotable, secretMessage, writings } from './secret-message.ts'
import type { SendingCases } from './sending-cases.ts'

/** The cases that the sending of every provider must pass. Called at the top level of a test file. */
export function sendingConformance<Answer>(provider: string, cases: SendingCases<Answer>): void {
  const { protocol, accepted, keys } = cases
  const message = cases.message ?? secretMessage(cases.channel)

  /** One API and one provider, for as many answers as a test has. */
  async function answering(
    sent: OutgoingMessage = message,
  ): Promise<(answer: Answer) => Promise<ProviderError>> {
    let current = accepted
    const api = await protocol.listen(() => current)
    const send = await cases.open(api.at)
    return (answer) => {
      current = answer
      return errorOf(send(sent), keys)
    }
  }

  const answered = async (answer: Answer): Promise<ProviderError> => (await answering())(answer)

  describe(`${provider}: what sending by ${cases.channel} must do`, () => {
    it('hands a message over once', async () => {
      const api = await protocol.listen(() => accepted)
      await (await cases.open(api.at))(message)
      expect(api.handed()).toBe(1)
    })

    it.each(cases.decorated.map((answer, at) => ({ at, answer })))(
      'takes a yes whatever stands beside its id ($at)',
      async ({ answer }) => {
        const [plain, decorated] = await Promise.all([
          protocol.listen(() => accepted),
          protocol.listen(() => answer),
        ])
        const receipt = await (await cases.open(decorated.at))(message)
        expect(receipt).toMatchObject(idOf(await (await cases.open(plain.at))(message)))
      },
    )

    it.each(cases.withoutAnId.map((answer, at) => ({ at, answer })))(
      `takes a yes without an id for ${cases.needsNoId ? 'a yes' : 'an outcome that nobody knows'} ($at)`,
      async ({ answer }) => {
        if (!cases.needsNoId) expect(await answered(answer)).toMatchObject({ certainty: 'unknown' })
        const api = await protocol.listen(() => answer)
        if (cases.needsNoId) await expect((await cases.open(api.at))(message)).resolves.toBeDefined()
      },
    )

    it.each(cases.failures)('says what $what proves: $certainty', async (failure) => {
      const { what: _what, answer, ...proven } = failure
      const error = await answered(answer)
      expect(error).toMatchObject({ provider, ...proven })
      expect(error.message).toMatch(new RegExp(`^${provider}: \\S`))
    })

    it('does not know what became of a message where the connection was reset after it', async () => {
      expect(await answered(protocol.reset)).toMatchObject({ certainty: 'unknown' })
    })

    it('does not know what became of a message whose answer was cut short', async () => {
      expect(await answered(protocol.cut(accepted))).toMatchObject({ certainty: 'unknown' })
    })

    it(`says that a reset before the message proves: ${protocol.proves.resetAtOnce}`, async () => {
      const send = await cases.open(await protocol.resetsAtOnce())
      expect(await errorOf(send(message), keys)).toMatchObject({
        certainty: protocol.proves.resetAtOnce,
      })
    })

    it('knows that nobody has a message where nobody listens', async () => {
      const send = await cases.open(await protocol.nobodyListens())
      expect(await errorOf(send(message), keys)).toMatchObject({
        certainty: 'retryable',
        providerCode: 'ECONNREFUSED',
      })
    })

    it(`follows no redirect, which proves: ${protocol.proves.redirect}`, async () => {
      const elsewhere = await protocol.listen(() => accepted)
      const redirects = protocol.redirects(elsewhere.at)
      expect(redirects.length).toBeGreaterThan(0)
      const answered = await answering()
      for (const redirect of redirects)
        expect(await answered(redirect)).toMatchObject({ certainty: protocol.proves.redirect })
      expect(elsewhere.handed()).toBe(0)
    })

    const quotes = [...quotable(message), ...keys, ...keys.map((key) => `user:${key}`)]

    it('tells nothing that is quoted, wherever that stands, and still tells why', async () => {
      const answered = await answering()
      for (const quoted of quotes)
        for (const answer of cases.quoting(`The value "${quoted}" is not allowed here`).refused) {
          const error = await answered(answer)
          expect(error).toMatchObject({ certainty: 'permanent' })
          expect(error.message).toMatch(/: .*The value ".*<(?:hidden|address|number)>.*" is not allowed here/)
        }
    })

    it.each(writings)('tells nothing that is quoted %s', async (_how, write) => {
      const answered = await answering()
      for (const [at, quoted] of quotes.map(write).entries()) {
        const { refused, later } = cases.quoting(`The value "${quoted}" is not allowed here`)
        const places = [...refused, ...later]
        const error = await answered(places[at % places.length] ?? expect.fail('it quotes nowhere'))
        expectNothingOf(shown(error), quoted.length > 20 ? [quoted.slice(0, 20), quoted.slice(-20)] : [])
      }
    })

    it('keeps nothing that a yes quotes', async () => {
      let current = accepted
      const api = await protocol.listen(() => current)
      const send = await cases.open(api.at)
      for (const answer of quotes.flatMap((quoted) => cases.quoting(`Thanks for "${quoted}"`).accepted)) {
        current = answer
        // Its event's id is ours, and may name the chat.
        expectNothingOf(inspect({ ...Object(await send(message)), eventId: '' }, { depth: 20 }), keys)
      }
    })

    it('hides no more than what is quoted, be it a single letter', async () => {
      const short =
        message.channel === 'email' ? { ...message, subject: 'a', text: 'a' } : { ...message, body: 'a' }
      const answered = await answering(short)
      for (const answer of cases.quoting('A value such as "a" is not allowed in a message').refused)
        expect((await answered(answer)).message).toMatch(
          /A value such as "(?:<hidden>|a)" is not allowed in a message/,
        )
    })

    it('is not told what to do by what is quoted', async () => {
      const words = 'rate limit, not authorized, starting, expired, deleted, exceeded, invalid_api_key'
      const tricky =
        message.channel === 'email' ? { ...message, subject: words } : { ...message, body: words }
      const answered = await answering(tricky)
      for (const answer of cases.quoting(`The value "${words}" is not allowed here`).refused)
        expect(await answered(answer)).toMatchObject({ certainty: 'permanent', stopsProvider: false })
    })
  })
}

/** The error of a send that must fail, after a look that nothing of the message and no key is in it. */
async function errorOf(sending: Promise<unknown>, keys: readonly string[]): Promise<ProviderError> {
  const error = await sending.then(
    (receipt) => expect.fail(`it was accepted: ${inspect(receipt)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProviderError)) throw new Error(`no ProviderError but ${inspect(error)}`)
  expectNothingOf(shown(error), keys)
  expect(error.cause).toBeUndefined()
  return error
}

function shown(error: ProviderError): string {
  return [
    error.message,
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 20, showHidden: true }),
  ].join('\n')
}

/** The id that a receipt names; a CRM gives none. */
function idOf(receipt: unknown): object {
  return typeof receipt === 'object' && receipt !== null && 'providerMessageId' in receipt
    ? { providerMessageId: receipt.providerMessageId }
    : {}
}
