import { describe, expect, it } from 'vitest'
import { espocrm } from '#providers/espocrm/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { localApi } from '#support/local-api.ts'
import { crmAt, no, tools } from './crm-at.ts'

const apiKey = '0123456789abcdef'.repeat(2)

const create = (environment: Environment) =>
  espocrm.create(environment, {
    ...tools,
    now: () => new Date(),
    clock: () => performance.now(),
    found: () => undefined,
  })

describe('the configuration of EspoCRM', () => {
  it('is off where nothing is set, or only left empty', () => {
    expect(create({})).toBeUndefined()
    expect(create({ ESPOCRM_URL: '', ESPOCRM_API_KEY: ' ' })).toBeUndefined()
  })

  it.each([
    [
      { ESPOCRM_URL: 'https://crm.example.com' },
      'ESPOCRM_API_KEY is missing (ESPOCRM_URL is set; set both or neither)',
    ],
    [{ ESPOCRM_API_KEY: apiKey }, 'ESPOCRM_URL is missing (ESPOCRM_API_KEY is set; set both or neither)'],
    [{ ESPOCRM_URL: 'crm.example.com', ESPOCRM_API_KEY: apiKey }, 'ESPOCRM_URL is not an http(s) URL'],
    [
      { ESPOCRM_URL: 'https://crm.example.com', ESPOCRM_API_KEY: 'a b' },
      'ESPOCRM_API_KEY has characters that no API key has',
    ],
    [
      { ESPOCRM_URL: 'https://crm.example.com', ESPOCRM_API_KEY: apiKey, ESPOCRM_TEAM_ID: '../User' },
      'ESPOCRM_TEAM_ID is not an id of a record',
    ],
  ])('that cannot work stops the boot with one line: %#', (environment, line) => {
    expect(() => create(environment)).toThrow(new ConfigurationError(`espocrm: ${line}`))
  })

  it('names the variables that turn it on', () => {
    expect(espocrm).toMatchObject({ name: 'espocrm', with: ['ESPOCRM_URL', 'ESPOCRM_API_KEY'] })
  })

  it.each(['', '/', '/api/v1', '/api/v1/'])('may give the address with %j at its end', async (end) => {
    const api = await localApi(() => no(404))
    expect(await crmAt(api.url + end).crm.appointment('m1')).toBeUndefined()
    expect(api.requests).toMatchObject([
      { method: 'GET', path: '/api/v1/Meeting/m1', headers: { 'x-api-key': apiKey } },
    ])
  })
})
