import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Item, Webhook, WebhookRequest } from '#src/contract/provider.ts'
import { NotProven, UnreadableItem } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'

/** One item as the provider posts it, and the fields our reading of it must have. */
export interface WebhookFixture {
  /**
   * A JSON file under test/providers/<provider>/: the item itself, or `{ "source", "item" }` where it says what it
   * was taken from.
   */
  file: string
  /** The fields that are named must be equal; one named `undefined` must be absent. */
  expected: Partial<MessageEvent>
}

/** A request that somebody else could have made out of a true one. */
export interface Forgery {
  what: string
  request: WebhookRequest
}

export interface WebhookCases {
  webhook: () => Webhook
  /**
   * A request with these items, signed by the provider's own SDK or documented scheme (never by our verifier's code).
   * A provider that posts one event a request signs the first.
   */
  signed: (items: unknown[]) => WebhookRequest
  fixtures: readonly WebhookFixture[]
  /** An item of a kind that does not exist. */
  unknownKind: unknown
  /** Lower-case names of the headers that prove a request: none may be absent, and no byte of one may change. */
  proof: readonly string[]
  /** False for a static token, which cannot tell a changed body. */
  bodyIsSigned?: boolean
  /** What else this scheme must refuse, such as an old clock or another URL. */
  forgeries?: (request: WebhookRequest) => Forgery[]
  /** Items that cannot be read; JSON that is not an object is always among them. */
  brokenItems?: readonly unknown[]
}

/** The cases that the webhook of every provider must pass. Called at the top level of a test file. */
export function webhookConformance(provider: string, cases: WebhookCases): void {
  const fixtures = cases.fixtures.map((fixture) => ({
    ...fixture,
    item: fixtureItem(provider, fixture.file),
  }))
  const items = fixtures.map((fixture) => fixture.item)
  const request = (): WebhookRequest => cases.signed(items.slice(0, 1))

  describe(`${provider}: what every webhook must do`, () => {
    it('accepts a signed request', () => {
      expect(() => cases.webhook().verify(request())).not.toThrow()
    })

    it.each(cases.proof)('refuses a request without %s', (header) => {
      const headers = { ...request().headers, [header]: undefined }
      expect(() => cases.webhook().verify({ ...request(), headers })).toThrow(NotProven)
    })

    it('refuses a request without any header', () => {
      expect(() => cases.webhook().verify({ ...request(), headers: {} })).toThrow(NotProven)
    })

    it.each(cases.proof)('refuses a request whose %s has any one byte changed', (header) => {
      const webhook = cases.webhook()
      const signed = request()
      for (const changed of oneCharacterChanged(signed.headers[header] ?? '')) {
        const forged = { ...signed, headers: { ...signed.headers, [header]: changed } }
        expect(() => webhook.verify(forged), changed).toThrow(NotProven)
      }
    })

    it.runIf(cases.bodyIsSigned ?? true)(
      'refuses a request whose body has one byte changed, added or cut',
      () => {
        const webhook = cases.webhook()
        const signed = request()
        for (const body of oneByteChanged(signed.body))
          expect(() => webhook.verify({ ...signed, body })).toThrow(NotProven)
      },
    )

    it('refuses what this scheme calls a forgery', () => {
      const webhook = cases.webhook()
      for (const { what, request: forged } of cases.forgeries?.(request()) ?? [])
        expect(() => webhook.verify(forged), what).toThrow(NotProven)
    })

    it('refuses without a word about the secret, the recipient or the body', () => {
      const { message } = thrownBy(() => cases.webhook().verify({ ...request(), headers: {} }))
      expect(message.startsWith(`${provider}: `)).toBe(true)
      expect(message).not.toContain('@')
    })

    it('gives the same event ids for the same request twice', () => {
      const signed = cases.signed(items)
      const [first, second] = [eventsOf(cases.webhook(), signed), eventsOf(cases.webhook(), signed)]
      expect(first.length).toBeGreaterThan(0)
      expect(second.map((event) => event.eventId)).toEqual(first.map((event) => event.eventId))
      expect(new Set(first.map((event) => event.eventId)).size).toBe(first.length)
    })

    it.each(fixtures)('reads $file as expected', ({ item, expected }) => {
      const [event] = eventsOf(cases.webhook(), cases.signed([item]))
      const absent = Object.fromEntries(Object.keys(expected).map((field) => [field, undefined]))
      expect({ ...absent, ...event }).toMatchObject({ provider, source: 'webhook', ...expected })
      expect(event?.raw).toEqual(item)
    })

    it('keeps a kind that it does not know, whole', () => {
      const [event] = eventsOf(cases.webhook(), cases.signed([cases.unknownKind]))
      expect(event).toMatchObject({ provider, type: 'unknown' })
      expect(event?.raw).toEqual(cases.unknownKind)
    })

    it('leaves raw untouched', () => {
      const webhook = cases.webhook()
      for (const item of webhook.items(cases.signed(items))) {
        const before = JSON.stringify(item.raw)
        const event = webhook.event(item)
        expect(JSON.stringify(event.raw)).toBe(before)
      }
    })

    it('calls an item that it cannot read unreadable, and nothing else', () => {
      const webhook = cases.webhook()
      for (const raw of [null, 7, true, 'text', [], ...(cases.brokenItems ?? [])]) {
        const item: Item = { id: 'broken', raw, receivedAt: request().receivedAt }
        expect(() => webhook.event(item), JSON.stringify(raw)).toThrow(UnreadableItem)
      }
    })

    it('answers 2xx to what is kept', () => {
      const { status } = cases.webhook().answer(request())
      expect(status).toBeGreaterThanOrEqual(200)
      expect(status).toBeLessThan(300)
    })
  })
}

/** The item of a fixture file, without the wrapper that says where it comes from. */
export function fixtureItem(provider: string, file: string): unknown {
  const content: unknown = JSON.parse(
    readFileSync(new URL(`../providers/${provider}/${file}`, import.meta.url), 'utf8'),
  )
  return typeof content === 'object' && content !== null && 'item' in content ? content.item : content
}

/** Every text that differs from this one in one character of the same kind: a digit stays a digit. */
export function oneCharacterChanged(text: string): string[] {
  return [...text].map((character, at) => {
    const other = /\d/.test(character) ? String((Number(character) + 1) % 10) : character === 'A' ? 'B' : 'A'
    return text.slice(0, at) + other + text.slice(at + 1)
  })
}

/** This body with a byte flipped at some twenty places, and one byte longer and shorter. */
export function oneByteChanged(body: Buffer): Buffer[] {
  const step = Math.max(1, Math.floor(body.length / 20))
  const places = [...body.keys()].filter((at) => at % step === 0 || at === body.length - 1)
  const flipped = places.map((at) => {
    const changed = Buffer.from(body)
    changed.writeUInt8(body.readUInt8(at) ^ 1, at)
    return changed
  })
  return [...flipped, Buffer.concat([body, Buffer.from(' ')]), body.subarray(0, -1)]
}

/** Everything a verified request says, read. */
export function eventsOf(webhook: Webhook, request: WebhookRequest): MessageEvent[] {
  webhook.verify(request)
  return webhook.items(request).map((item) => webhook.event(item))
}

function thrownBy(call: () => void): Error {
  try {
    call()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
