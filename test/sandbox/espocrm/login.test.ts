import { expect, test } from 'vitest'
import { startCrm } from './crm.ts'

async function setUp() {
  const crm = await startCrm()
  return { ...crm, wrong: () => crm.call('GET', 'App/user', undefined, { 'x-api-key': 'f'.repeat(32) }) }
}

test('the key opens the API', async () => {
  const { sandbox, call } = await setUp()
  expect(sandbox.environment.ESPOCRM_API_KEY).toMatch(/^[0-9a-f]{32}$/)
  expect(sandbox.environment.ESPOCRM_URL).toBe(`${sandbox.url}/espocrm`)
  expect(await call('GET', 'App/user')).toMatchObject({ status: 200, body: { user: { type: 'api' } } })
})

test('a wrong key is answered 401 without a reason', async () => {
  const { wrong } = await setUp()
  expect(await wrong()).toEqual({ status: 401, reason: null, body: undefined })
})

test('no key is answered 401, and is not an attempt that counts', async () => {
  const { sandbox, call } = await setUp()
  const url = `${sandbox.environment.ESPOCRM_URL}/api/v1/Lead`
  for (let count = 0; count < 12; count++) expect((await fetch(url)).status).toBe(401)
  expect((await call('GET', 'Lead')).status).toBe(200)
})

test('with Espo-Authorization a right key is not looked at', async () => {
  const { call } = await setUp()
  const login = (value: string) => call('GET', 'Lead', undefined, { 'espo-authorization': value })
  expect((await login(btoa('admin:secret'))).status).toBe(401)
  expect(await login(btoa('nonsense'))).toMatchObject({
    status: 400,
    reason: 'Auth: Bad authorization string provided.',
  })
})

test('after more than ten wrong keys the address is banned, with the right key too, until a minute has passed', async () => {
  const { call, wrong, clock } = await setUp()
  for (let count = 0; count < 10; count++) expect((await wrong()).status).toBe(401)
  expect((await call('GET', 'Lead')).status).toBe(200)
  expect((await wrong()).status).toBe(401)
  const ban = { status: 403, reason: null }
  expect(await wrong()).toMatchObject(ban)
  expect(await call('GET', 'Lead')).toMatchObject(ban)
  clock.now = new Date(clock.now.getTime() + 59_999)
  expect(await call('GET', 'Lead')).toMatchObject(ban)
  clock.now = new Date(clock.now.getTime() + 1)
  expect((await call('GET', 'Lead')).status).toBe(200)
})
