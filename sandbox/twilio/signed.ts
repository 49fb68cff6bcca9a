import { randomUUID } from 'node:crypto'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { credentials } from '../credentials.ts'
import type { Answer, Delivery, Retry } from '../post.ts'

/** A signed form to a URL, which may hold connection overrides in its fragment and credentials in its authority. */
export function signedForm(target: string, fields: Record<string, string>, tells: string): Delivery {
  const [given = ''] = target.split('#', 1)
  // Twilio drops the userinfo before it signs and before it calls; what is left is signed as it was given.
  const url = given.replace(/^(https?:\/\/)[^/@?]*@/, '$1')
  const userinfo = /^https?:\/\/([^/@?]*)@/.exec(given)?.[1]
  const body = new URLSearchParams(fields).toString()
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'user-agent': 'TwilioProxy/1.1',
    'x-home-region': 'us1',
    'i-twilio-idempotency-token': randomUUID(),
    'x-twilio-signature': getExpectedTwilioSignature(credentials.twilio.authToken, url, fields),
    ...(userinfo && {
      authorization: `Basic ${Buffer.from(decodeURIComponent(userinfo)).toString('base64')}`,
    }),
  }
  return { provider: 'twilio', url, tells, timeoutMs: 15_000, request: () => ({ headers, body }) }
}

/**
 * Twilio's retries: one, and only where it could not connect, unless the URL's fragment says otherwise:
 * `#rc=3&rp=5xx,ct` (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
 */
export function retryOf(target: string, pauseMs: number): Retry {
  const overrides = new URLSearchParams(target.split('#')[1] ?? '')
  const count = Number(overrides.get('rc') ?? 1)
  const most = Number.isInteger(count) && count >= 0 ? Math.min(count, 5) : 1
  const policies = (overrides.get('rp') ?? 'ct').split(',')
  return (answer, attempt) => {
    const policy = policyOf(answer)
    const wanted = policy !== undefined && (policies.includes(policy) || policies.includes('all'))
    return wanted && attempt <= most ? pauseMs : undefined
  }
}

function policyOf({ status, failure }: Answer): string | undefined {
  if (failure !== null) return failure === 'connect' ? 'ct' : 'rt'
  if (status === null || status < 400) return undefined
  return status >= 500 ? '5xx' : '4xx'
}
