import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sendgrid } from '#providers/sendgrid/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'

const SENDGRID_WEBHOOK_SECRET = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ format: 'der', type: 'spki' })
  .toString('base64')
const sends = { SENDGRID_API_KEY: 'SG.k', EMAIL_FROM: 'Max <max@comms.example>' }

describe('sendgrid: what the environment makes of it', () => {
  it.each<Environment>([
    {},
    { EMAIL_FROM: 'max@comms.example' },
    { SENDGRID_API_KEY: ' ', SENDGRID_API_URL: 'http://x' },
  ])('is off with %j', async (environment) => {
    expect(await create(environment)).toBeUndefined()
  })

  it('sends and hears with everything set', async () => {
    const provider = await create({ ...sends, SENDGRID_WEBHOOK_SECRET })
    expect(provider).toMatchObject({ name: 'sendgrid', channels: ['email'] })
    expect(provider?.send).toBeTypeOf('function')
    expect(provider?.webhook).toBeDefined()
    expect(provider?.sender?.('email')).toBe('max@comms.example')
  })

  it('sends without hearing', async () => {
    const provider = await create(sends)
    expect(provider?.send).toBeTypeOf('function')
    expect(provider && 'webhook' in provider).toBe(false)
  })

  it.each([
    [
      { SENDGRID_API_KEY: 'SG.k' },
      'sendgrid: EMAIL_FROM is missing (SENDGRID_API_KEY is set; set both or neither)',
    ],
    [
      { SENDGRID_WEBHOOK_SECRET, EMAIL_FROM: 'a@b.c' },
      'sendgrid: SENDGRID_API_KEY is missing (SENDGRID_WEBHOOK_SECRET is set; it sends and hears, or neither)',
    ],
    [
      { SENDGRID_WEBHOOK_SECRET },
      'sendgrid: SENDGRID_API_KEY and EMAIL_FROM are missing (SENDGRID_WEBHOOK_SECRET is set; it sends and hears, or neither)',
    ],
    [{ ...sends, EMAIL_FROM: 'max' }, 'sendgrid: EMAIL_FROM is not an email address (a@b.c or Name <a@b.c>)'],
    [{ ...sends, SENDGRID_API_URL: 'localhost:4010' }, 'sendgrid: SENDGRID_API_URL is not an http(s) URL'],
  ])('stops the boot with one line (%#)', async (environment, line) => {
    await expect(create(environment)).rejects.toThrow(new ConfigurationError(line))
  })

  it('stops the boot where the webhook secret is not a key, without showing it', async () => {
    await expect(create({ ...sends, SENDGRID_WEBHOOK_SECRET: 'whsec_oops' })).rejects.toThrow(
      /^sendgrid: SENDGRID_WEBHOOK_SECRET is not a P-256 public key(?!.*oops)/,
    )
  })
})

function create(environment: Environment): ReturnType<typeof sendgrid.create> {
  return sendgrid.create(environment, {
    baseUrl: undefined,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  })
}
