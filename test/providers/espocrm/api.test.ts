import { expect, it } from 'vitest'
import { atSandbox } from './at-sandbox.ts'

it('a write says that it is JSON, or EspoCRM makes a record of nothing, and is not compared with namesakes', async () => {
  const { crm, apiKey, requests, whatsapp } = await atSandbox()
  await crm.trace(whatsapp())
  expect(requests.at(-1)).toMatchObject({
    method: 'POST',
    path: '/api/v1/Note',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'x-skip-duplicate-check': 'true' },
  })
})

it('a search is one encoded parameter, and counts nothing', async () => {
  const { crm, requests } = await atSandbox()
  await crm.personBy({ email: 'dana+news@example.org' })
  expect(requests[0]).toMatchObject({ method: 'GET', headers: { 'x-no-total': 'true' } })
  expect(requests[0]?.path).toContain('dana%2Bnews%40example.org')
})
