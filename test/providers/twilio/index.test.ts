import { describe, expect, it } from 'vitest'
import { twilio } from '#providers/twilio/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { formPost } from './signed.ts'

const TWILIO_ACCOUNT_SID = `AC${'0'.repeat(31)}1`
const TWILIO_MESSAGING_SERVICE_SID = `MG${'0'.repeat(31)}1`
const TWILIO_AUTH_TOKEN = '0123456789abcdef0123456789abcdef'
const account = { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN }

const create = (environment: Environment) =>
  twilio.create(environment, {
    baseUrl: undefined,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  })

describe('the configuration', () => {
  it('is off where nothing is set, or only left empty', async () => {
    expect(await create({})).toBeUndefined()
    expect(await create({ TWILIO_API_URL: 'http://127.0.0.1:1' })).toBeUndefined()
    expect(
      await create({ TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: ' ', TWILIO_SMS_FROM: '' }),
    ).toBeUndefined()
  })

  it.each([
    [
      { TWILIO_ACCOUNT_SID, TWILIO_SMS_FROM: '+33757000000' },
      'TWILIO_AUTH_TOKEN is missing (TWILIO_ACCOUNT_SID, TWILIO_SMS_FROM are set)',
    ],
    [
      { TWILIO_SMS_FROM: '+33757000000', TWILIO_AUTH_TOKEN },
      'TWILIO_ACCOUNT_SID is missing (TWILIO_SMS_FROM, TWILIO_AUTH_TOKEN are set)',
    ],
    [
      { TWILIO_ACCOUNT_SID },
      'TWILIO_AUTH_TOKEN is missing, one of TWILIO_WHATSAPP_FROM, TWILIO_SMS_FROM, TWILIO_MESSAGING_SERVICE_SID is missing (TWILIO_ACCOUNT_SID is set)',
    ],
    [
      account,
      'one of TWILIO_WHATSAPP_FROM, TWILIO_SMS_FROM, TWILIO_MESSAGING_SERVICE_SID is missing (TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN are set)',
    ],
    [
      { ...account, TWILIO_SMS_FROM: 'x', TWILIO_ACCOUNT_SID: 'AC1' },
      'TWILIO_ACCOUNT_SID is not AC and 32 hexadecimal digits',
    ],
    [
      { ...account, TWILIO_MESSAGING_SERVICE_SID: 'MG' },
      'TWILIO_MESSAGING_SERVICE_SID is not MG and 32 hexadecimal digits',
    ],
    [{ ...account, TWILIO_WHATSAPP_FROM: 'MaxComms' }, 'TWILIO_WHATSAPP_FROM is not a phone number'],
    [
      { ...account, TWILIO_SMS_FROM: 'a name that is too long' },
      'TWILIO_SMS_FROM is not a phone number, short code or name of 11 letters',
    ],
    [
      { ...account, TWILIO_SMS_FROM: 'Max', TWILIO_API_URL: 'ftp://x' },
      'TWILIO_API_URL is not an http(s) URL',
    ],
  ])('that cannot work stops the boot with one line: %#', async (environment, line) => {
    await expect(create(environment)).rejects.toThrow(new ConfigurationError(`twilio: ${line}`))
  })

  it.each([
    [{ TWILIO_WHATSAPP_FROM: 'whatsapp:+14155238886' }, ['whatsapp'], '+14155238886', undefined],
    [{ TWILIO_WHATSAPP_FROM: '+1 415 523 8886' }, ['whatsapp'], '+14155238886', undefined],
    [{ TWILIO_SMS_FROM: '07 57 00 00 00' }, ['sms'], undefined, '+33757000000'],
    [{ TWILIO_SMS_FROM: '36179' }, ['sms'], undefined, '36179'],
    [{ TWILIO_SMS_FROM: 'Max Comms' }, ['sms'], undefined, 'Max Comms'],
    [{ TWILIO_MESSAGING_SERVICE_SID }, ['whatsapp', 'sms'], undefined, undefined],
    [{ TWILIO_MESSAGING_SERVICE_SID, TWILIO_SMS_FROM: '36179' }, ['whatsapp', 'sms'], undefined, '36179'],
  ])('sends on the channels that have a sender: %#', async (senders, channels, whatsapp, sms) => {
    const provider = await create({ ...account, ...senders })
    expect(provider).toMatchObject({ name: 'twilio', channels })
    expect(provider?.send).toBeTypeOf('function')
    expect([provider?.sender?.('whatsapp'), provider?.sender?.('sms'), provider?.sender?.('email')]).toEqual([
      whatsapp,
      sms,
      undefined,
    ])
  })

  it.each([
    ['whatsapp:+5215512345678', '+5215512345678'],
    ['+52 1 55 1234 5678', '+5215512345678'],
    ['+551187654322', '+551187654322'],
    ['+5491123456789', '+5491123456789'],
    ['+33 (0)7 57 00 00 00', '+33757000000'],
    ['07 57 00 00 00', '+33757000000'],
  ])('sends from a number as it was registered there: %s', async (configured, sender) => {
    const provider = await create({ ...account, TWILIO_WHATSAPP_FROM: configured })
    expect(provider?.sender?.('whatsapp')).toBe(sender)
  })

  it('hears with the token alone, and with each of a list of tokens', async () => {
    const provider = await create({ TWILIO_AUTH_TOKEN: `next, ${TWILIO_AUTH_TOKEN}` })
    expect(provider).toMatchObject({ channels: [] })
    expect(provider?.send).toBeUndefined()
    for (const key of ['next', TWILIO_AUTH_TOKEN])
      expect(() => provider?.webhook?.verify(formPost({ a: '1' }, { key }))).not.toThrow()
  })
})
