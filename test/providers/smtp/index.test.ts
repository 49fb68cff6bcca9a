import { describe, expect, it } from 'vitest'
import { smtp } from '#providers/smtp/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'

const sends = { SMTP_HOST: 'mail.comms.example', EMAIL_FROM: 'max@comms.example' }

describe('smtp: what the environment makes of it', () => {
  it.each<Environment>([
    {},
    { EMAIL_FROM: 'max@comms.example' },
    { SMTP_HOST: ' ', SMTP_PORT: '587', SMTP_SECURE: 'false' },
  ])('is off with %j', async (environment) => {
    expect(await create(environment)).toBeUndefined()
  })

  it.each<Environment>([
    sends,
    { ...sends, EMAIL_FROM: undefined, SMTP_FROM: 'Max <max@comms.example>' },
    { ...sends, EMAIL_FROM: 'other@comms.example', SMTP_FROM: 'max@comms.example' },
    { ...sends, SMTP_USER: 'max', SMTP_PASSWORD: 'p', SMTP_SECURE: 'true', SMTP_PORT: '465' },
  ])('sends, and has no door (%#)', async (environment) => {
    const provider = await create(environment)
    expect(provider).toMatchObject({ name: 'smtp', channels: ['email'] })
    expect(provider?.send).toBeTypeOf('function')
    expect(provider?.sender?.('email')).toBe('max@comms.example')
    expect(provider && 'webhook' in provider).toBe(false)
    await provider?.close?.()
  })

  it.each<[Environment, string]>([
    [
      { SMTP_USER: 'u', EMAIL_FROM: 'a@b.c' },
      'smtp: SMTP_HOST is missing (SMTP_USER is set; set both or neither)',
    ],
    [{ SMTP_HOST: 'h' }, 'smtp: SMTP_FROM or EMAIL_FROM is missing (SMTP_HOST is set; set both or neither)'],
    [{ ...sends, SMTP_USER: 'u' }, 'smtp: SMTP_PASSWORD is missing (SMTP_USER is set; set both or neither)'],
    [
      { ...sends, SMTP_PASSWORD: 'p' },
      'smtp: SMTP_USER is missing (SMTP_PASSWORD is set; set both or neither)',
    ],
    [{ ...sends, SMTP_FROM: 'max' }, 'smtp: SMTP_FROM is not an email address (a@b.c or Name <a@b.c>)'],
    [{ ...sends, EMAIL_FROM: 'max' }, 'smtp: EMAIL_FROM is not an email address (a@b.c or Name <a@b.c>)'],
    [{ ...sends, SMTP_PORT: '70000' }, 'smtp: SMTP_PORT is not a port (1 to 65535)'],
    [
      { ...sends, SMTP_SECURE: 'yes' },
      'smtp: SMTP_SECURE is neither true (TLS from the start, port 465) nor false',
    ],
  ])('stops the boot with one line (%#)', async (environment, line) => {
    await expect(create(environment)).rejects.toThrow(new ConfigurationError(line))
  })
})

function create(environment: Environment): ReturnType<typeof smtp.create> {
  return smtp.create(environment, {
    baseUrl: undefined,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  })
}
