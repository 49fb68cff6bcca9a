import { createHash, createHmac } from 'node:crypto'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { sameBytes } from '#src/contract/signature.ts'
import { NotProven } from '#src/model/errors.ts'
import { bodyForm, type Form, isForm, queryOf } from './form.ts'

/** The SDK's validateRequest: tolerant of ports and encodings, and up to six HMACs each time. */
export type Validate = (token: string, signature: string, url: string, parameters: Form) => boolean

/**
 * The signature covers decoded parameters, so a stranger makes us decode: only as much as Twilio could have sent.
 * Its largest message has some sixty parameters and 1600 characters beside the channel's JSON strings.
 */
const formLimit = { bytes: 256 * 1024, parameters: 1_000 }
/** Other spellings of the URL are tried for what Twilio may send alone: a stranger's form comes to all of them. */
const triedLimit = { characters: 32 * 1024, parameters: 100 }

/**
 * Proves `X-Twilio-Signature` (https://www.twilio.com/docs/usage/security): first with one HMAC per token over the
 * URL that is most likely the signed one, and only where that fails with the SDK over every URL. Throws NotProven.
 */
export function verifySignature(
  request: WebhookRequest,
  tokens: readonly string[],
  validate: Validate,
): void {
  const signature = request.headers['x-twilio-signature']
  if (!signature) throw new NotProven('twilio: signature missing (X-Twilio-Signature; does a proxy drop it?)')
  const parameters = signedParameters(request)
  if (parameters === undefined) throw new NotProven('twilio: the body is not the signed one (bodySHA256)')
  const text = signedText(parameters)
  if (provenAsReceived(request, tokens, signature, text)) return
  const likely =
    text.length <= triedLimit.characters && Object.values(parameters).flat().length <= triedLimit.parameters
  if (likely && provenTolerantly(request, tokens, signature, text, validate)) return
  throw new NotProven('twilio: wrong signature (check TWILIO_AUTH_TOKEN and BASE_URL)')
}

/** What is signed beside the URL; undefined where a body is there that the signature does not cover. */
function signedParameters(request: WebhookRequest): Form | undefined {
  if (request.method === 'GET') return {}
  if (!isForm(request)) return bodyIsSigned(request) ? {} : undefined
  if (tooLarge(request.body)) throw new NotProven('twilio: a form of this size is not from Twilio')
  return bodyForm(request)
}

/** A body that is not a form is signed through its hash in the query of the URL. */
function bodyIsSigned({ urls, body }: WebhookRequest): boolean {
  const hash = new URLSearchParams(queryOf(urls[0] ?? '')).get('bodySHA256') ?? ''
  return sameBytes(Buffer.from(hash), Buffer.from(createHash('sha256').update(body).digest('hex')))
}

function tooLarge(body: Buffer): boolean {
  if (body.length > formLimit.bytes) return true
  let separators = 0
  for (let at = body.indexOf('&'); at !== -1; at = body.indexOf('&', at + 1)) separators += 1
  return separators >= formLimit.parameters
}

function provenAsReceived(
  { urls }: WebhookRequest,
  tokens: readonly string[],
  signature: string,
  text: string,
): boolean {
  const signed = (urls[0] ?? '') + text
  return tokens.some((token) =>
    sameBytes(Buffer.from(signature), Buffer.from(createHmac('sha1', token).update(signed).digest('base64'))),
  )
}

function signedText(parameters: Form): string {
  return Object.keys(parameters)
    .sort()
    .map((name) => spelled(name, parameters))
    .join('')
}

/** Name and value, once for each different value in their order (twilio-node#722). */
function spelled(name: string, parameters: Form): string {
  const value = parameters[name] ?? ''
  if (typeof value === 'string') return name + value
  return [...new Set(value)]
    .sort()
    .map((value) => name + value)
    .join('')
}

function provenTolerantly(
  { urls }: WebhookRequest,
  tokens: readonly string[],
  signature: string,
  text: string,
  validate: Validate,
): boolean {
  // The SDK would put the text together again for each spelling: it gets it as the value of a parameter without a name.
  const parameters = { '': text }
  return urls.some((url) =>
    tokens.some((token) => validOrNot(() => validate(token, signature, url, parameters))),
  )
}

/** The SDK throws where a URL cannot be parsed; for us that is one more URL that proves nothing. */
function validOrNot(validate: () => boolean): boolean {
  try {
    return validate()
  } catch {
    return false
  }
}
