import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { startWorld, type World } from '#support/world.ts'
import { templatesOf, unknownSid } from './template-requests.ts'

/** Twilio as an API that keeps what it is given. */
let world: World
let api: FakeApi
beforeAll(async () => {
  api = await startFakeApi()
  world = await startWorld({ environment: api.environment })
})
afterAll(async () => {
  await world.stop()
  await api.away()
})

const { created, send } = templatesOf(() => world)

test.each<[string, string[], Record<string, string>, Record<string, string>]>([
  ['RDV {{2}} pour {{1}}.', ['2', '1'], { 1: 'Anna', 2: 'mardi' }, { 1: 'Anna', 2: 'mardi' }],
  ['RDV {{1}} pour {{2}}.', ['1', '2'], { 1: 'mardi', 2: 'Anna' }, { 1: 'mardi', 2: 'Anna' }],
  ['Le {{3}}, {{1}} {{2}}.', ['3', '1', '2'], { 3: 'c', 1: 'a', 2: 'b' }, { 3: 'c', 1: 'a', 2: 'b' }],
  ['RDV {{10}} pour {{2}}.', ['10', '2'], { 10: 'x', 2: 'y' }, { 10: 'x', 2: 'y' }],
  ['RDV {{date}} pour {{nom}}.', ['nom', 'date'], { nom: 'Anna', date: 'mardi' }, { 1: 'Anna', 2: 'mardi' }],
  ['RDV {{date}} pour {{1}}.', ['date', '1'], { 1: 'Anna', date: 'mardi' }, { 1: 'Anna', 2: 'mardi' }],
  ['RDV {{2024}} pour {{nom}}.', ['2024', 'nom'], { 2024: 'x', nom: 'y' }, { 1: 'x', 2: 'y' }],
])(
  '%s with %j: each number that Twilio knows gets its value',
  async (messageText, variables, values, numbered) => {
    const id = await created({ messageText, variables, contentSid: unknownSid })
    const { status, body } = await send(id, { variables: values })
    expect({ status, body }).toMatchObject({ status: 200 })
    const form = new URLSearchParams(api.calls('twilio').at(-1)?.body)
    expect(JSON.parse(form.get('ContentVariables') ?? '')).toEqual(numbered)
  },
)
