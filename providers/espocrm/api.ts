import { z } from 'zod'
import { callProvider, notNow, type ProviderResponse, unreadable } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenTexts } from '#src/model/hidden.ts'
import type { LoginGuard } from './login-guard.ts'
import { isFromElsewhere, refusal } from './refusal.ts'
import type { Search } from './where.ts'
import { searched } from './where.ts'

/** The attributes of a record, by EspoCRM's names. */
export type Attributes = Readonly<Record<string, unknown>>

/** EspoCRM's REST API with our key; paths are below `/api/v1/`. */
export interface EspoApi {
  /** What is there; undefined: nothing is (404). What cannot be asked now is a retryable ProviderError. */
  read(path: string, search?: Search): Promise<unknown>
  /** Creates or changes a record; gives it as the CRM has it then, which may not be what was sent. */
  write(method: 'POST' | 'PUT', path: string, attributes: Attributes): Promise<Written>
}

interface EspoApiOptions {
  url: string
  apiKey: string
  guard: LoginGuard
  now: () => Date
  timeoutMs?: number | undefined
}

/** A record as EspoCRM has it after a write. */
export type Written = Attributes & { readonly id: string }

const record = z.looseObject({ id: z.string().min(1) })

export function espoApi({ url, apiKey, guard, now, timeoutMs = 15_000 }: EspoApiOptions): EspoApi {
  async function call(method: string, path: string, body?: Attributes): Promise<ProviderResponse> {
    guard.enter()
    try {
      const response = await callProvider('espocrm', `${url}/api/v1/${path}`, {
        method,
        headers: headersOf(apiKey, body !== undefined),
        timeoutMs,
        ...(body && { body: JSON.stringify(body, storable) }),
      })
      guard.heard(response)
      return response
    } finally {
      guard.leave()
    }
  }

  return {
    async read(path, search) {
      const address = search ? `${path}?searchParams=${searched(search)}` : path
      const response = await call('GET', address).catch(asLookUp)
      if (response.status === 404 && !isFromElsewhere(response)) return undefined
      if (!isGood(response))
        return asLookUp(refusal(response, `GET ${path}`, hiddenTexts([], [apiKey]), now()))
      if (response.json === undefined) throw unreadable('espocrm')
      return response.json
    },
    async write(method, path, attributes) {
      const response = await call(method, path, attributes)
      if (!isGood(response)) {
        const hidden = hiddenTexts(textsIn(attributes), [apiKey])
        throw refusal(response, `${method} ${path}`, hidden, now())
      }
      const answer = record.safeParse(response.json)
      if (answer.success) return answer.data
      throw new ProviderError('espocrm', 'unknown', 'espocrm: its answer to a write cannot be read')
    },
  }
}

function headersOf(apiKey: string, writes: boolean): Record<string, string> {
  const headers = { 'x-api-key': apiKey, accept: 'application/json', 'user-agent': 'max-comms' }
  if (!writes) return { ...headers, 'x-no-total': 'true' }
  // Its duplicate check compares names: our own look-up before each write is what keeps things single.
  return { ...headers, 'content-type': 'application/json', 'x-skip-duplicate-check': 'true' }
}

/** What PHP and the databases below it take: no half characters, no NUL. */
function storable(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value
}

/** What the CRM chose the words for, and ids: these say nothing of anybody. */
const structural = /^(?:type|status|priority|c[A-Z]\w*|\w*(?:Type|Id|Ids|Columns))$/

/** The texts of a record, which a refusal may quote: names, addresses, what people wrote. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => (structural.test(name) ? [] : textsIn(one)))
}

function isGood({ status }: ProviderResponse): boolean {
  return status >= 200 && status < 300
}

/** A look-up of unknown outcome has done nothing. */
function asLookUp(error: unknown): never {
  throw error instanceof ProviderError && error.certainty === 'unknown' ? notNow(error) : error
}
