import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { PersonOrder, SandboxCrm } from '#sandbox/espocrm/crm.ts'
import { startSandbox } from '#sandbox/start.ts'
import type { CrmRecord, TracedMessage } from '#src/contract/crm.ts'
import { localApi, type ReceivedRequest, type Reply } from '#support/local-api.ts'
import { type CrmAt, crmAt, type InHouse, traced, tracedEmail } from './crm-at.ts'

type Attributes = Record<string, unknown>

/** What lies between the CRM and this one and changes what it says, where the sandbox alone cannot be made to. */
export interface Between {
  /** Answers in its place; undefined: it answers itself. `GET Account`, `GET Lead posts` */
  answers?: (request: string, body: Attributes) => Reply | undefined
  /** What it says of a record that it has written. */
  says?: (written: Attributes) => Attributes
}

export interface AtSandbox extends CrmAt {
  /** What is in the sandbox's EspoCRM, its role and its settings. */
  inside: SandboxCrm
  /** A lead that is there. */
  dana: CrmRecord
  requests: readonly ReceivedRequest[]
  /** Every write that was asked for: `POST Note`. */
  writes(): string[]
  /** A message by WhatsApp to Dana, and one by email, unless told otherwise. */
  whatsapp(changes?: Partial<TracedMessage>): TracedMessage
  email(changes?: Partial<TracedMessage>): TracedMessage
}

const object = z.record(z.string(), z.unknown())

/** EspoCRM as the sandbox plays it, with one lead, on the clock of the test. */
export async function atSandbox(
  between: Between = {},
  environment: Record<string, string> = {},
  house: InHouse = {},
): Promise<AtSandbox> {
  const clock = { now: new Date('2026-11-22T10:00:00Z') }
  const sandbox = await startSandbox({ now: () => clock.now })
  onTestFinished(() => sandbox.close())
  const { requests, url } = await localApi(
    async (request) => between.answers?.(nameOf(request), bodyOf(request)) ?? (await passedOn(request)),
  )
  const { ESPOCRM_API_KEY = '' } = sandbox.environment
  const dana = { type: 'Lead', id: person(sandbox.crm, 'lead', { status: 'New' }) }
  return {
    ...crmAt(url, { ESPOCRM_API_KEY, ...environment }, clock, house),
    inside: sandbox.crm,
    dana,
    requests,
    writes: () => requests.filter(({ method }) => method !== 'GET').map(nameOf),
    whatsapp: (changes) => traced({ person: dana, ...changes }),
    email: (changes) => tracedEmail({ person: dana, ...changes }),
  }

  async function passedOn(request: ReceivedRequest): Promise<Reply> {
    const { method, path, headers, body } = request
    const told = Object.entries(headers).filter(([name]) => /^(?:x-|content-type)/.test(name))
    try {
      const response = await fetch(`${sandbox.url}/espocrm${path}`, {
        method,
        headers: told.map(([name, value]): [string, string] => [name, String(value)]),
        ...(method !== 'GET' && { body }),
      })
      const reason = response.headers.get('x-status-reason')
      const text = await response.text()
      const says = method === 'GET' || !response.ok ? undefined : between.says
      return {
        status: response.status,
        ...(reason !== null && { headers: { 'x-status-reason': reason } }),
        body: says ? says(object.parse(JSON.parse(text))) : text,
      }
    } catch {
      return 'reset'
    }
  }
}

/** Makes one, and gives its id. */
export function person(
  inside: SandboxCrm,
  entity: 'lead' | 'contact' | 'account',
  order: PersonOrder,
): string {
  const name = entity === 'account' ? { name: 'Clinique' } : { firstName: 'Dana', lastName: 'L' }
  return inside[entity]({ ...name, ...order }).id
}

function bodyOf({ body }: ReceivedRequest): Attributes {
  return body === '' ? {} : object.parse(JSON.parse(body))
}

function nameOf({ method, path }: ReceivedRequest): string {
  const [entity, , part] = new URL(path, 'http://crm').pathname.replace('/api/v1/', '').split('/')
  return [method, entity, part].filter(Boolean).join(' ')
}
