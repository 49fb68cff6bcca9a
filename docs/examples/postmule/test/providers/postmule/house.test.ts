import { createHmac } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { localApi } from '#support/local-api.ts'
import { startWorld } from '#support/world.ts'

const environment = {
  POSTMULE_API_KEY: 'the-key-of-this-test',
  POSTMULE_WEBHOOK_SECRET: 'a-secret-of-this-test',
}

test('an email by postmule goes out once, and its webhook says what became of it', async () => {
  const api = await localApi(() => ({ status: 200, body: { id: 'pm_1' } }))
  const world = await startWorld({ environment: { ...environment, POSTMULE_API_URL: api.url } })
  onTestFinished(() => world.stop())
  const params = { to: 'anna@example.com', subject: 'RDV', body: 'Demain à 14 h.', provider: 'postmule' }

  const sent = await world.action('sendEmail', params)
  expect(sent).toMatchObject({
    status: 200,
    body: { provider: 'postmule', entityId: 'pm_1', status: 'sent' },
  })
  expect(api.requests).toHaveLength(1)

  const told = JSON.stringify([{ event: 'delivered', at: new Date().toISOString(), message: 'pm_1' }])
  const signature = createHmac('sha256', environment.POSTMULE_WEBHOOK_SECRET).update(told).digest('hex')
  expect((await world.call('POST', '/webhooks/postmule', told)).status).toBe(403)
  const heard = await world.call('POST', '/webhooks/postmule', told, { 'postmule-signature': signature })
  expect(heard.status).toBe(200)
  const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
  expect(body.message).toMatchObject({ status: 'delivered', recipient: 'anna@example.com' })
})
