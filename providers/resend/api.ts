import { z } from 'zod'
import { callProvider, type ProviderResponse } from '#src/contract/http.ts'

/** Resend's API with our key. */
export interface ResendApi {
  /** What no error may tell. */
  readonly apiKey: string
  /** One call, a GET unless it is said: a path, and for a POST its body and further headers. */
  ask(
    path: string,
    call?: { method: 'GET' | 'DELETE' } | { body: string | Blob; headers: Record<string, string> },
  ): Promise<ProviderResponse>
}

/**
 * Plain HTTP and not the SDK, which never throws and turns a timeout, a refused connection and an empty answer into
 * the same error without headers: nobody could say whether the message was accepted.
 */
export function resendApi(apiKey: string, apiUrl: string, timeoutMs = 15_000): ResendApi {
  return {
    apiKey,
    ask: (path, call = { method: 'GET' }) => {
      const { headers, ...asked } = 'body' in call ? { method: 'POST', ...call } : { ...call, headers: {} }
      return callProvider('resend', apiUrl + path, {
        ...asked,
        headers: { authorization: `Bearer ${apiKey}`, 'user-agent': 'max-comms', ...headers },
        timeoutMs,
      })
    },
  }
}

/** Resend has nothing of this name, or no more; a page of somebody else's says nothing of that. */
export function isMissing({ status, json }: ProviderResponse): boolean {
  return status === 404 && z.object({ name: z.literal('not_found') }).safeParse(json).success
}
