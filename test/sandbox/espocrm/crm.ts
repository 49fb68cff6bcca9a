import { onTestFinished } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '#sandbox/start.ts'
import type { Answer as ServerAnswer } from '#support/world.ts'

/** Looked at field by field, as that of the server. */
type Json = ServerAnswer['body']

/** What EspoCRM answered: a status, its reason in a header, and a body that is JSON or nothing. */
export interface Answer {
  status: number
  reason: string | null
  body: Json
}

export interface Crm {
  sandbox: Sandbox
  /** One request with the key; a body is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** A list by `searchParams`. */
  search(entity: string, search: unknown): Promise<Answer>
  /** A list by one condition alone: the ids that were found. */
  find(entity: string, type: string, attribute: string, value?: unknown): Promise<string[]>
  clock: { now: Date }
}

/** A sandbox with an EspoCRM in it, on the test's own clock; closed with the test. */
export async function startCrm(options: SandboxOptions = {}): Promise<Crm> {
  const clock = { now: new Date('2026-11-22T10:00:00Z') }
  const sandbox = await startSandbox({ now: () => clock.now, holdMs: 50, ...options })
  onTestFinished(() => sandbox.close())
  const { ESPOCRM_URL: url = '', ESPOCRM_API_KEY: key = '' } = sandbox.environment
  const call: Crm['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      reason: response.headers.get('x-status-reason'),
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  const search: Crm['search'] = (entity, asked) =>
    call('GET', `${entity}?searchParams=${encodeURIComponent(JSON.stringify(asked))}`)
  return {
    sandbox,
    call,
    search,
    async find(entity, type, attribute, value) {
      const { body } = await search(entity, { where: [{ type, attribute, value }] })
      return body.list.map(({ id }: { id: string }) => id)
    },
    clock,
  }
}

/** The reason of a field that does not hold what it may. */
export function failure(entityType: string, field: string, type: string) {
  return {
    status: 400,
    reason: `Field validation failure; entityType: ${entityType}, field: ${field}, type: ${type}.`,
    body: { messageTranslation: { label: 'validationFailure', scope: null, data: { field, type } } },
  }
}
