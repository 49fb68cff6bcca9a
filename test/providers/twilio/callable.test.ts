import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { callable } from '#providers/twilio/callable.ts'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { bySms, byTwilio, logged, person, send } from '#support/sends.ts'
import { startWorld } from '#support/world.ts'

const twilio = 'https://api.twilio.com'

it.each([
  'https://comms.example.com',
  'https://comms.example.com:8443',
  'https://203.0.113.7',
  'https://[2001:db8::1]',
  'https://172.32.0.1',
  'https://11.0.0.1',
])('%s can be called by Twilio', (baseUrl) => {
  expect(callable(baseUrl, twilio)).toBe(true)
})

it.each([
  'http://comms.example.com',
  'http://localhost:3000',
  'https://localhost',
  'https://comms.localhost',
  'http://127.0.0.1:3000',
  'https://127.8.8.8',
  'http://[::1]:3000',
  'https://0.0.0.0',
  'https://10.1.2.3',
  'https://172.16.0.9',
  'https://172.31.255.255',
  'https://192.168.1.10',
  'https://169.254.1.1',
  'https://100.64.0.1',
  'https://[fd00::1]',
  'https://[fe80::1]',
  'https://comms',
  'https://comms.local',
  'https://comms.internal',
  'https://nas.home.arpa',
])('%s can be called by nobody outside', (baseUrl) => {
  expect(callable(baseUrl, twilio)).toBe(false)
})

it.each<[string, string, boolean]>([
  ['http://localhost:3000', 'http://127.0.0.1:4010/twilio', true],
  ['http://127.0.0.1:3000', 'http://localhost:4010/twilio', true],
  ['http://app:3000', 'http://sandbox:4010/twilio', true],
  ['http://192.168.1.10:3000', 'http://10.0.0.2/twilio', true],
  ['http://192.168.1.10:3000', 'http://127.0.0.1:4010/twilio', false],
  ['http://localhost:3000', 'http://sandbox:4010/twilio', false],
])('%s is called by %s: %s', (baseUrl, apiUrl, called) => {
  expect(callable(baseUrl, apiUrl)).toBe(called)
})

describe('a server whose public address nobody can call', () => {
  let api: FakeApi
  beforeAll(async () => {
    api = await startFakeApi()
  })
  afterAll(() => api.away())

  test.each([
    ['http://192.168.1.10:3000', ['no_status_callbacks']],
    ['http://comms.example.com', ['no_status_callbacks']],
    ['https://comms.example.com', []],
  ])('%s asks for no callback, and says so in the answer and the log', async (BASE_URL, warnings) => {
    const world = await startWorld({ environment: { ...api.environment, BASE_URL } })
    try {
      for (const way of [bySms, byTwilio]) {
        const { status, body } = await send(world, way, person(way, 'ok'))
        expect(status).toBe(200)
        expect(body.warnings.filter((word: string) => word !== 'outside_whatsapp_window')).toEqual(warnings)
        const form = new URLSearchParams(api.calls('twilio').at(-1)?.body)
        expect(form.has('StatusCallback')).toBe(warnings.length === 0)
      }
      const told = logged(world, 'provider_checked').filter(({ finding }) => /BASE_URL/.test(String(finding)))
      expect(told.map(({ provider }) => provider)).toEqual(warnings.length > 0 ? ['twilio'] : [])
    } finally {
      await world.stop()
    }
  })
})
