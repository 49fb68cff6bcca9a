import { describe, expect, it } from 'vitest'
import { resend } from '#providers/resend/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'

const RESEND_WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const sends = { RESEND_API_KEY: 're_k', EMAIL_FROM: 'Max <max@comms.example>' }

describe('resend: what the environment makes of it', () => {
  it.each<Environment>([
    {},
    { EMAIL_FROM: 'max@comms.example' },
    { RESEND_API_KEY: ' ', RESEND_API_URL: 'http://x' },
  ])('is off with %j', async (environment) => {
    expect(await create(environment)).toBeUndefined()
  })

  it('sends and hears with everything set', async () => {
    const provider = await create({ ...sends, RESEND_WEBHOOK_SECRET })
    expect(provider).toMatchObject({ name: 'resend', channels: ['email'] })
    expect(provider?.send).toBeTypeOf('function')
    expect(provider?.webhook).toBeDefined()
    expect(provider?.check).toBeTypeOf('function')
    expect(provider?.sender?.('email')).toBe('max@comms.example')
  })

  it('sends without hearing', async () => {
    const provider = await create(sends)
    expect(provider?.send).toBeTypeOf('function')
    expect(provider && 'webhook' in provider).toBe(false)
  })

  it.each([
    [
      { RESEND_API_KEY: 're_k' },
      'resend: EMAIL_FROM is missing (RESEND_API_KEY is set; set both or neither)',
    ],
    [
      { RESEND_WEBHOOK_SECRET, EMAIL_FROM: 'a@b.c' },
      'resend: RESEND_API_KEY is missing (RESEND_WEBHOOK_SECRET is set; it sends and hears, or neither)',
    ],
    [
      { RESEND_WEBHOOK_SECRET },
      'resend: RESEND_API_KEY and EMAIL_FROM are missing (RESEND_WEBHOOK_SECRET is set; it sends and hears, or neither)',
    ],
    [{ ...sends, EMAIL_FROM: 'max' }, 'resend: EMAIL_FROM is not an email address (a@b.c or Name <a@b.c>)'],
    [{ ...sends, RESEND_API_URL: 'localhost:4010' }, 'resend: RESEND_API_URL is not an http(s) URL'],
  ])('stops the boot with one line (%#)', async (environment, line) => {
    await expect(create(environment)).rejects.toThrow(new ConfigurationError(line))
  })

  it('stops the boot where the webhook secret is malformed, without showing it', async () => {
    await expect(create({ ...sends, RESEND_WEBHOOK_SECRET: 'oops' })).rejects.toThrow(
      /^resend: RESEND_WEBHOOK_SECRET is not a signing secret(?!.*oops)/,
    )
  })
})

function create(environment: Environment): ReturnType<typeof resend.create> {
  return resend.create(environment, {
    baseUrl: undefined,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  })
}
