import { z } from 'zod'
import { callProvider } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import { answered, sendError } from './send-error.ts'

/** One template as Twilio's Content API takes it: https://www.twilio.com/docs/content/content-api-resources */
export interface Content {
  friendly_name: string
  language: string
  /** A sample for each variable: WhatsApp looks at them. */
  variables: Record<string, string>
  types: Record<string, unknown>
}

/** What WhatsApp says of a template: `unsubmitted`, `received`, `pending`, `approved`, `rejected`, `paused`, `disabled`. */
export interface Approval {
  status: string
  reason: string | undefined
}

/** Twilio's templates. Each throws ProviderError; after an `unknown` one look first whether it was done. */
export interface ContentApi {
  /** The sids of all contents by friendly name. */
  named(): Promise<Map<string, string>>
  /** Gives its sid. */
  create(content: Content): Promise<string>
  /** Asks WhatsApp to approve it; a name that was rejected is not taken again for 30 days. */
  submit(sid: string, request: { name: string; category: string }): Promise<Approval>
  /** Undefined: Twilio has no content of this sid. */
  approval(sid: string): Promise<Approval | undefined>
}

interface ContentAccess {
  accountSid: string
  authToken: string
  apiUrl: string
  timeoutMs?: number | undefined
}

/** WhatsApp takes 6,000 templates of an account. */
const mostPages = 20
const pageSize = 500

const created = z.object({ sid: z.string().min(1) })
const page = z.object({
  contents: z.array(z.object({ sid: z.string(), friendly_name: z.string().nullish() })),
  meta: z.object({ next_page_url: z.string().nullish() }),
})
const approval = z
  .object({ status: z.string().min(1), rejection_reason: z.string().nullish() })
  .transform(({ status, rejection_reason: reason }) => ({ status, reason: reason || undefined }))
const approvals = z.object({ whatsapp: approval })

/**
 * Plain HTTP and not the SDK: its typed form sends camelCase names, which the API drops
 * (https://github.com/twilio/twilio-node/pull/1046).
 */
export function contentApi({ accountSid, authToken, apiUrl, timeoutMs }: ContentAccess): ContentApi {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`

  async function ask<Answer>(path: string, schema: z.ZodType<Answer>, body?: unknown): Promise<Answer> {
    const response = await callProvider('twilio', apiUrl + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', authorization },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    })
    if (response.status !== 200 && response.status !== 201)
      throw sendError(answered(response), hiddenTexts([], [authToken]))
    const answer = schema.safeParse(response.json)
    if (answer.success) return answer.data
    throw new ProviderError('twilio', 'unknown', 'twilio: the answer of its Content API cannot be read')
  }

  const path = (sid: string) => `/v1/Content/${encodeURIComponent(sid)}`
  return {
    async named() {
      const sids = new Map<string, string>()
      let next: string | undefined = `/v1/Content?PageSize=${pageSize}`
      for (let at = 0; at < mostPages && next !== undefined; at += 1) {
        const { contents, meta }: z.infer<typeof page> = await ask(next, page)
        for (const { sid, friendly_name: name } of contents) if (name) sids.set(name, sid)
        next = meta.next_page_url ? pathOf(meta.next_page_url) : undefined
      }
      return sids
    },
    create: async (content) => (await ask('/v1/Content', created, content)).sid,
    submit: (sid, request) => ask(`${path(sid)}/ApprovalRequests/whatsapp`, approval, request),
    async approval(sid) {
      try {
        return (await ask(`${path(sid)}/ApprovalRequests`, approvals)).whatsapp
      } catch (error) {
        if (error instanceof ProviderError && error.providerCode === '20404') return undefined
        throw error
      }
    },
  }
}

/** The path of the next page: our credentials go to no other host than the one that we chose. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'https://content.twilio.com')
  if (pathname === '/v1/Content') return pathname + search
  throw new ProviderError(
    'twilio',
    'retryable',
    'twilio: the next page of its contents is at another address',
  )
}
