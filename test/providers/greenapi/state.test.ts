import { describe, expect, it } from 'vitest'
import { greenapi } from '#providers/greenapi/index.ts'
import { greenapiWebhook } from '#providers/greenapi/webhook.ts'
import { failure } from '#support/heard.ts'
import { localApi, type Reply } from '#support/local-api.ts'
import { eventsOf } from '#support/webhook-conformance.ts'
import { posted, token } from './posted.ts'

const webhook = greenapiWebhook({ tokens: [token], instanceId: '1101000001', country: 'FR' })
const told = (stateInstance: unknown) =>
  eventsOf(
    webhook,
    posted({
      typeWebhook: 'stateInstanceChanged',
      instanceData: { idInstance: 1101000001 },
      timestamp: 1_586_700_690,
      stateInstance,
    }),
  )[0]

async function asked(reply: Reply) {
  const api = await localApi(() => reply)
  const provider = await greenapi.create(
    { GREEN_API_INSTANCE_ID: '1101000001', GREEN_API_TOKEN: token, GREEN_API_URL: api.url },
    {
      baseUrl: undefined,
      country: 'FR',
      now: () => new Date('2026-11-22T12:00:00.700Z'),
      clock: () => performance.now(),
    },
  )
  return { api, state: () => provider?.state?.() }
}

describe('the state of the instance', () => {
  it('is open where it is authorized', () => {
    expect(told('authorized')?.providerState).toEqual({ state: 'authorized', open: true })
  })

  it.each(['notAuthorized', 'blocked', 'yellowCard', 'suspended', 'starting', 'sleepMode', 'teleported'])(
    'is closed where it is %s',
    (state) => {
      expect(told(state)?.providerState).toEqual({ state, open: false })
    },
  )

  it.each([undefined, null, ''])('is not told where the notification says %j', (state) => {
    expect(told(state)).toMatchObject({ type: 'unknown', providerType: 'stateInstanceChanged' })
    expect(told(state)?.providerState).toBeUndefined()
  })

  it('is answered when it is asked for, of the time before the second in which it was', async () => {
    const { api, state } = await asked({ status: 200, body: { stateInstance: 'yellowCard' } })
    expect(await state()).toMatchObject({
      eventId: '1101000001:state:2026-11-22:yellowCard',
      source: 'poll',
      type: 'unknown',
      providerState: { state: 'yellowCard', open: false },
      occurredAt: new Date('2026-11-22T11:59:59.999Z'),
      raw: { stateInstance: 'yellowCard' },
    })
    expect(api.requests).toMatchObject([
      { method: 'GET', path: `/waInstance1101000001/getStateInstance/${token}` },
    ])
  })

  it.each<Reply>([
    { status: 401 },
    { status: 502, body: '<html>' },
    { status: 200, body: '<html>' },
    { status: 200, body: { stateInstance: 7 } },
    { status: 200, body: { stateInstance: '' } },
    'reset',
  ])('cannot be asked for now: %j', async (reply) => {
    const { state } = await asked(reply)
    expect(await failure(state(), [token])).toMatchObject({ certainty: 'retryable' })
  })
})
