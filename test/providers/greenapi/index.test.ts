import { describe, expect, it } from 'vitest'
import { greenapi } from '#providers/greenapi/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'

const GREEN_API_INSTANCE_ID = '1101000001'
const GREEN_API_TOKEN = 'd75b3a66374942c5b3c019c698abc2067e151558acbd412345'

const create = (environment: Environment) =>
  greenapi.create(environment, {
    baseUrl: undefined,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  })

describe('the configuration', () => {
  it('is off where nothing is set, or only left empty', async () => {
    expect(await create({})).toBeUndefined()
    expect(await create({ GREEN_API_URL: 'http://127.0.0.1:1', GREEN_API_DELAY_MS: '500' })).toBeUndefined()
    expect(
      await create({ GREEN_API_INSTANCE_ID: '', GREEN_API_TOKEN: '', GREEN_API_WEBHOOK_TOKEN: ' ' }),
    ).toBeUndefined()
  })

  it.each([
    [{ GREEN_API_INSTANCE_ID }, 'GREEN_API_TOKEN is missing (GREEN_API_INSTANCE_ID is set)'],
    [
      { GREEN_API_TOKEN, GREEN_API_WEBHOOK_TOKEN: 'x' },
      'GREEN_API_INSTANCE_ID is missing (GREEN_API_TOKEN is set)',
    ],
    [{ GREEN_API_TOKEN, GREEN_API_INSTANCE_ID: 'mine' }, 'GREEN_API_INSTANCE_ID is not a number'],
    [
      { GREEN_API_INSTANCE_ID, GREEN_API_TOKEN: 'a/b' },
      'GREEN_API_TOKEN has characters that no token of Green-API has',
    ],
    [
      { GREEN_API_INSTANCE_ID, GREEN_API_TOKEN, GREEN_API_URL: 'api.green-api.com' },
      'GREEN_API_URL is not an http(s) URL',
    ],
  ])('that cannot work stops the boot with one line: %#', async (environment, line) => {
    await expect(create(environment)).rejects.toThrow(new ConfigurationError(`greenapi: ${line}`))
  })

  it('sends without hearing, and hears without sending', async () => {
    const sender = await create({ GREEN_API_INSTANCE_ID, GREEN_API_TOKEN })
    expect(sender).toMatchObject({ name: 'greenapi', channels: ['whatsapp'] })
    expect(sender?.send).toBeTypeOf('function')
    expect(sender?.webhook).toBeUndefined()
    const hearer = await create({ GREEN_API_WEBHOOK_TOKEN: 'one,two' })
    expect(hearer).toMatchObject({ channels: [] })
    expect(hearer?.send).toBeUndefined()
    expect(hearer?.webhook).toBeDefined()
  })
})
