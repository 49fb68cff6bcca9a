import { onTestFinished } from 'vitest'
import { startSandbox } from '#sandbox/start.ts'
import { localApi, type ReceivedRequest, type Reply } from '#support/local-api.ts'
import type { World } from '#support/world.ts'
import { startCrmWorld } from './crm-world.ts'

/** The whole system, with something before the CRM that may answer in its place; undefined: the CRM answers. */
export async function worldBehind(answers: (request: ReceivedRequest) => Reply | undefined): Promise<World> {
  const espocrm = await startSandbox()
  const before = await localApi((request) => answers(request) ?? passedOn(espocrm.url, request))
  const { world } = await startCrmWorld({ ESPOCRM_URL: before.url, EMAIL_PROVIDER: 'sendgrid' })
  onTestFinished(async () => {
    await world.stop()
    await espocrm.close()
  })
  return { ...world, sandbox: { ...world.sandbox, crm: espocrm.crm } }
}

async function passedOn(url: string, { method, path, headers, body }: ReceivedRequest): Promise<Reply> {
  const told = Object.entries(headers).filter(([name]) => /^(?:x-|content-type)/.test(name))
  const response = await fetch(`${url}/espocrm${path}`, {
    method,
    headers: told.map(([name, value]): [string, string] => [name, String(value)]),
    ...(method !== 'GET' && { body }),
  })
  const reason = response.headers.get('x-status-reason')
  return {
    status: response.status,
    ...(reason !== null && { headers: { 'x-status-reason': reason } }),
    body: await response.text(),
  }
}
