import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '#support/world.ts'

const token = 'a-token-for-the-metrics'
let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { METRICS_TOKEN: token } })
})
afterAll(() => world.stop())

async function metrics(headers: Record<string, string> = {}) {
  const response = await fetch(`${world.url}/metrics`, { headers })
  return { status: response.status, text: await response.text() }
}

test('this machine reads the metrics, and they count what was sent and what came back', async () => {
  await world.action('sendSMS', { to: '+33612345671', body: 'Bonjour' })
  await world.settled()
  const { status, text } = await metrics()
  expect(status).toBe(200)
  expect(text).toContain('comms_attempts_total{provider="twilio",outcome="accepted"} 1')
  expect(text).toContain('comms_webhooks_total{provider="twilio",result="kept"} 2')
  expect(text).toContain('comms_spool_bytes 0')
})

test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'CF-Connecting-IP'])(
  'behind a proxy (%s) only the token opens the metrics',
  async (header) => {
    const proxied = { [header]: '203.0.113.9' }
    expect((await metrics(proxied)).status).toBe(403)
    expect((await metrics({ ...proxied, Authorization: 'Bearer another' })).status).toBe(403)
    expect((await metrics({ ...proxied, Authorization: `Bearer ${token}` })).status).toBe(200)
  },
)

test('a webhook that proves nothing is counted as refused', async () => {
  await fetch(`${world.url}/webhooks/twilio-sms`, { method: 'POST', body: 'MessageSid=SM1' })
  expect((await metrics()).text).toContain('comms_webhooks_total{provider="twilio",result="refused"} 1')
})
