import { createHash } from 'node:crypto'
import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { describe, expect, it, vi } from 'vitest'
import { type Validate, verifySignature } from '#providers/twilio/signature.ts'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { NotProven } from '#src/model/errors.ts'
import { accepts, door, formPost, token } from './signed.ts'

const status = { MessageSid: 'SM1', MessageStatus: 'sent', To: '+33612345678' }

describe('the URL', () => {
  it('may lack the standard port that Twilio signed, or carry one that it did not', () => {
    const withPort = door.replace('.test/', '.test:443/')
    expect(accepts(formPost(status, { url: door, signedUrl: withPort }))).toBe(true)
    expect(accepts(formPost(status, { url: withPort, signedUrl: door }))).toBe(true)
    expect(accepts(formPost(status, { url: door, signedUrl: door.replace('.test/', '.test:8443/') }))).toBe(
      false,
    )
  })

  it('may be spelled with + where Twilio signed %20', () => {
    expect(accepts(formPost(status, { url: `${door}?q=a+b`, signedUrl: `${door}?q=a%20b` }))).toBe(true)
  })

  it('is verified as received, with an apostrophe, an accent or capitals', () => {
    for (const url of [`${door}?x=it's+ok`, `${door}?x=it's+é`, door.replace('comms', 'COMMS')])
      expect(accepts(formPost(status, { url }))).toBe(true)
  })

  it('may be any of the door’s names', () => {
    const older = 'https://comms.example.test/api/whatsapp/incoming?m=1'
    const request = formPost(status, { url: `${door}?m=1`, signedUrl: older })
    expect(accepts(request)).toBe(false)
    expect(accepts({ ...request, urls: [...request.urls, 'not a url', older] })).toBe(true)
  })

  it('keeps its query in the signature', () => {
    expect(accepts(formPost(status, { url: `${door}?m=1&n=2` }))).toBe(true)
    expect(accepts(formPost(status, { url: `${door}?n=2&m=1`, signedUrl: `${door}?m=1&n=2` }))).toBe(false)
  })
})

describe('the parameters', () => {
  it('are verified repeated, empty, spaced and accented', () => {
    for (const form of [
      { ...status, Tag: ['b', 'a', 'b'] },
      { ...status, Empty: '', Also: '' },
      { ...status, Body: ' a + b & c=d %20 é 👍\r\n' },
      { ...status, a: '1', A: '2', _: '3', 'x[y]': '4', 'x.y': '5' },
      JSON.parse('{"__proto__":"1","toString":"2"}'),
      {},
    ])
      expect(accepts(formPost(form)), JSON.stringify(form)).toBe(true)
  })

  it('are the same with %20 as with +, as Twilio signs what it means', () => {
    const request = formPost({ ...status, Body: 'a b' })
    expect(accepts({ ...request, body: Buffer.from(request.body.toString().replace('a+b', 'a%20b')) })).toBe(
      true,
    )
  })

  it('are not decoded beyond what Twilio can have sent', () => {
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`p${at}`, '']))
    expect(accepts(formPost(many))).toBe(false)
    expect(accepts(formPost({ ...status, Body: 'x'.repeat(300_000) }))).toBe(false)
  })

  it('are tried with other spellings of the URL only where Twilio may have sent so many, or so much', () => {
    const withPort = door.replace('.test/', '.test:443/')
    const form = (parameters: number, characters: number) => ({
      ...Object.fromEntries(Array.from({ length: parameters - 1 }, (_, at) => [`p${at}`, ''])),
      Body: 'x'.repeat(characters),
    })
    const respelled = (...size: [number, number]) =>
      formPost(form(...size), { url: door, signedUrl: withPort })
    expect(accepts(respelled(100, 20_000))).toBe(true)
    for (const request of [
      respelled(101, 1),
      respelled(2, 40_000),
      formPost({ p: Array(101).fill('x') }, { url: door, signedUrl: withPort }),
    ]) {
      const validate = vi.fn<Validate>()
      expect(accepts(request, [token], validate)).toBe(false)
      expect(validate).not.toHaveBeenCalled()
    }
  })

  it('may be broken in any way without another error than NotProven', () => {
    for (const body of ['%', '%zz=%', '=', '&&&', '%ff%fe', '\u0000', '?a=b'])
      expect(accepts({ ...formPost(status), body: Buffer.from(body) })).toBe(false)
  })
})

describe('a JSON body', () => {
  const json = Buffer.from('{"Body":"\u00e9"}')
  const hash = createHash('sha256').update(json).digest('hex')
  const posted = (url: string, body = json): WebhookRequest => ({
    ...formPost({}, { url }),
    headers: {
      'content-type': 'application/json',
      'x-twilio-signature': getExpectedTwilioSignature(token, url, {}),
    },
    body,
  })

  it('is proven by its hash in the signed URL', () => {
    expect(accepts(posted(`${door}?m=1&bodySHA256=${hash}`))).toBe(true)
  })

  it('is refused without a hash, with another, or with it in capitals', () => {
    for (const url of [
      door,
      `${door}?bodySHA256=`,
      `${door}?bodySHA256=${'0'.repeat(64)}`,
      `${door}?bodySHA256=${hash.toUpperCase()}`,
    ])
      expect(accepts(posted(url)), url).toBe(false)
  })

  it('does not make a form with bodySHA256 in its URL fail', () => {
    expect(accepts(formPost(status, { url: `${door}?bodySHA256=${hash}` }))).toBe(true)
  })
})

describe('the tokens', () => {
  it('are all tried, so that one can be rotated', () => {
    const next = 'fedcba9876543210fedcba9876543210'
    for (const key of [token, next]) expect(accepts(formPost(status, { key }), [token, next])).toBe(true)
    expect(accepts(formPost(status, { key: next }), [token])).toBe(false)
    expect(accepts(formPost(status), [])).toBe(false)
  })

  it('are named by the error, never shown', () => {
    expect(() => verifySignature(formPost(status, { key: 'x' }), [token], validateRequest)).toThrow(
      new NotProven('twilio: wrong signature (check TWILIO_AUTH_TOKEN and BASE_URL)'),
    )
    expect(() => verifySignature({ ...formPost(status), headers: {} }, [token], validateRequest)).toThrow(
      /^twilio: signature missing/,
    )
  })

  it('prove nothing where the SDK throws', () => {
    const broken = () => {
      throw new TypeError('broken')
    }
    expect(accepts(formPost(status, { key: 'x' }), [token], broken)).toBe(false)
  })
})
