import { expect, test } from 'vitest'
import { providerEntries } from '#providers/index.ts'
import { credentials, environmentOf } from '#sandbox/credentials.ts'
import { openProviders } from '#src/carriers/providers.ts'
import { readConfig } from '#src/config.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { startServer } from '#src/server.ts'

const complete = environmentOf('http://127.0.0.1:4010', 4025)
const tools = { baseUrl: undefined, country: 'FR', now: () => new Date(), clock: () => performance.now() }

/** Complete but for these; undefined leaves one out. */
function only(names: string[], more: Environment = {}): Environment {
  return { ...Object.fromEntries(names.map((name) => [name, complete[name]])), ...more }
}

async function bootError(environment: Environment): Promise<string> {
  // The data folder cannot be made: a boot that gets as far as the database fails in another way.
  const error: unknown = await startServer({ DATA_DIR: '/dev/null/data', PORT: '0', ...environment }).then(
    (server) => server.stop(),
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(ConfigurationError)
  const { message } = error instanceof Error ? error : { message: '' }
  expect(message).not.toContain('\n')
  for (const value of Object.values(environment))
    if (value && value.length > 15) expect(message).not.toContain(value)
  return message
}

/** What is set, and what the one line must name. */
const halves: [string, Environment, string[]][] = [
  ['smtp without a from', only(['SMTP_HOST']), ['smtp', 'SMTP_FROM', 'EMAIL_FROM']],
  ['smtp without a host', only(['SMTP_FROM']), ['smtp', 'SMTP_HOST']],
  [
    'smtp without a password',
    only(['SMTP_HOST', 'EMAIL_FROM'], { SMTP_USER: 'u' }),
    ['smtp', 'SMTP_PASSWORD'],
  ],
  ['smtp without a user', only(['SMTP_HOST', 'EMAIL_FROM'], { SMTP_PASSWORD: 'p' }), ['smtp', 'SMTP_USER']],
  ['smtp with credentials only', { SMTP_USER: 'u', SMTP_PASSWORD: 'p' }, ['smtp', 'SMTP_HOST']],
  ['smtp with a wrong port', only(['SMTP_HOST', 'EMAIL_FROM'], { SMTP_PORT: 'mail' }), ['smtp', 'SMTP_PORT']],
  ['sendgrid without a from', only(['SENDGRID_API_KEY']), ['sendgrid', 'EMAIL_FROM']],
  [
    'sendgrid that hears and cannot send',
    only(['SENDGRID_WEBHOOK_SECRET', 'EMAIL_FROM']),
    ['sendgrid', 'SENDGRID_API_KEY'],
  ],
  [
    'sendgrid with a secret that is not a key',
    only(['SENDGRID_API_KEY', 'EMAIL_FROM'], { SENDGRID_WEBHOOK_SECRET: 'no-key-at-all-but-long' }),
    ['sendgrid', 'SENDGRID_WEBHOOK_SECRET'],
  ],
  [
    'sendgrid with a list of no secret',
    only(['SENDGRID_API_KEY', 'EMAIL_FROM'], { SENDGRID_WEBHOOK_SECRET: ',' }),
    ['sendgrid', 'SENDGRID_WEBHOOK_SECRET'],
  ],
  ['resend without a from', only(['RESEND_API_KEY']), ['resend', 'EMAIL_FROM']],
  [
    'resend that hears and cannot send',
    only(['RESEND_WEBHOOK_SECRET', 'EMAIL_FROM']),
    ['resend', 'RESEND_API_KEY'],
  ],
  [
    'resend with a secret that is none',
    only(['RESEND_API_KEY', 'EMAIL_FROM'], { RESEND_WEBHOOK_SECRET: 'plain-text-and-no-base64' }),
    ['resend', 'RESEND_WEBHOOK_SECRET'],
  ],
  [
    'twilio without a token',
    only(['TWILIO_ACCOUNT_SID', 'TWILIO_SMS_FROM']),
    ['twilio', 'TWILIO_AUTH_TOKEN'],
  ],
  [
    'twilio with a list of no token',
    only(['TWILIO_ACCOUNT_SID', 'TWILIO_SMS_FROM'], { TWILIO_AUTH_TOKEN: ' , ' }),
    ['twilio', 'TWILIO_AUTH_TOKEN'],
  ],
  [
    'twilio without an account',
    only(['TWILIO_AUTH_TOKEN', 'TWILIO_SMS_FROM']),
    ['twilio', 'TWILIO_ACCOUNT_SID'],
  ],
  [
    'twilio without a sender',
    only(['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN']),
    ['twilio', 'TWILIO_WHATSAPP_FROM', 'TWILIO_SMS_FROM', 'TWILIO_MESSAGING_SERVICE_SID'],
  ],
  [
    'twilio with a sender only',
    only(['TWILIO_WHATSAPP_FROM']),
    ['twilio', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'],
  ],
  ['greenapi without a token', only(['GREEN_API_INSTANCE_ID']), ['greenapi', 'GREEN_API_TOKEN']],
  ['greenapi without an instance', only(['GREEN_API_TOKEN']), ['greenapi', 'GREEN_API_INSTANCE_ID']],
  [
    'greenapi with an instance that is not a number',
    only(['GREEN_API_TOKEN'], { GREEN_API_INSTANCE_ID: 'eleven' }),
    ['greenapi', 'GREEN_API_INSTANCE_ID'],
  ],
  ['a Supabase without its key', { SUPABASE_URL: 'https://x.supabase.co' }, ['SUPABASE_SERVICE_ROLE_KEY']],
  [
    'a Supabase key without its URL',
    { SUPABASE_SERVICE_ROLE_KEY: 'a-very-long-service-role-key' },
    ['SUPABASE_URL'],
  ],
]

test.each(halves)(
  '%s stops the boot with one line that names the variable',
  async (_what, environment, names) => {
    const message = await bootError(environment)
    for (const name of names) expect(message).toContain(name)
  },
)

test('every provider is among the half-set ones', () => {
  const tried = new Set(halves.map(([, , [provider]]) => provider))
  for (const { name } of providerEntries) expect(tried).toContain(name)
})

test.each([
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['BASE_URL', 'comms.example.com'],
  ['BASE_URL', 'ftp://comms.example.com'],
  ['LOG_LEVEL', 'loud'],
  ['NODE_ENV', 'prod'],
  ['DEFAULT_COUNTRY', 'France'],
  ['TIME_ZONE', 'Europe/Lyon'],
  ['TEAM_LANGUAGE', 'de'],
  ['DATABASE_URL', 'mysql://localhost/x'],
  ['SEND_LIMIT_HOUR', '-1'],
  ['EMAIL_PROVIDER', 'pigeon'],
  ['WHATSAPP_PROVIDER', 'sendgrid'],
])('%s=%s stops the boot with one line that names it', async (name, value) => {
  expect(await bootError({ [name]: value })).toContain(name)
})

test.each([
  ['EMAIL_PROVIDER', 'sendgrid', ['SENDGRID_API_KEY']],
  ['WHATSAPP_PROVIDER', 'greenapi', ['GREEN_API_INSTANCE_ID', 'GREEN_API_TOKEN']],
  ['WHATSAPP_PROVIDER', 'twilio', ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN']],
])('%s=%s that is off stops the boot and names what turns it on', async (name, value, remedies) => {
  const message = await bootError({ [name]: value })
  for (const variable of [name, ...remedies]) expect(message).toContain(variable)
})

test('WHATSAPP_PROVIDER=twilio stops the boot where twilio is on for SMS only', async () => {
  const environment = only(['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_SMS_FROM'])
  expect(await bootError({ ...environment, WHATSAPP_PROVIDER: 'twilio' })).toContain('WHATSAPP_PROVIDER')
})

const production = {
  NODE_ENV: 'production',
  BASE_URL: 'https://comms.example.com',
  JWT_SECRET: 'x'.repeat(32),
}

test.each([
  ['JWT_SECRET', { ...production, JWT_SECRET: undefined }],
  ['JWT_SECRET', { ...production, JWT_SECRET: '' }],
  ['JWT_SECRET', { ...production, JWT_SECRET: ' , ' }],
  ['JWT_SECRET', { ...production, JWT_SECRET: 'short' }],
  ['JWT_SECRET', { ...production, JWT_SECRET: `${'x'.repeat(32)},short` }],
  ['BASE_URL', { ...production, BASE_URL: undefined }],
  ['BASE_URL', { ...production, BASE_URL: '' }],
])('in production, %s is demanded: %o', async (name, environment) => {
  expect(await bootError(environment)).toContain(name)
})

const { sendgrid, resend, twilio, greenapi } = credentials

test.each([
  ['SENDGRID_WEBHOOK_SECRET', sendgrid.publicKey],
  ['RESEND_WEBHOOK_SECRET', resend.webhookSecret],
  ['TWILIO_AUTH_TOKEN', `${'1'.repeat(32)},${twilio.authToken}`],
  ['GREEN_API_WEBHOOK_TOKEN', greenapi.webhookToken],
  ['GREEN_API_WEBHOOK_TOKEN', 'x'],
  ['METRICS_TOKEN', 'prometheus'],
])('in production, a %s that strangers know or guess stops the boot', async (name, value) => {
  const environment = { ...production, [name]: value }
  expect(await bootError(environment)).toContain(name)
  // Nobody else can call a server whose public URL is this machine's.
  expect(readConfig({ ...environment, BASE_URL: 'https://comms.localhost' })).toMatchObject({
    production: true,
  })
  expect(readConfig({ [name]: value })).toMatchObject({ production: false })
})

test.each([
  'your-256-bit-secret',
  'a-string-secret-at-least-256-bits-long',
  'super-secret-jwt-token-with-at-least-32-characters-long',
])('a JWT_SECRET out of a manual stops the boot, in production or not', async (sample) => {
  expect(await bootError({ JWT_SECRET: sample })).toContain('JWT_SECRET')
  expect(await bootError({ ...production, JWT_SECRET: `${'x'.repeat(32)},${sample}` })).toContain(
    'JWT_SECRET',
  )
})

test('in production with both, and in development with neither, the configuration is good', () => {
  expect(readConfig(production)).toMatchObject({ production: true, jwtSecrets: ['x'.repeat(32)] })
  expect(readConfig({})).toMatchObject({
    production: false,
    port: 3_000,
    host: '127.0.0.1',
    dataDir: './data',
    country: 'FR',
    timeZone: 'Europe/Paris',
    sentences: { language: 'fr' },
    baseUrl: undefined,
    jwtSecrets: [],
  })
})

test('with nothing set, no provider is on and nothing throws', async () => {
  const { on, primary } = await openProviders(providerEntries, {}, tools, {})
  expect(on.size).toBe(0)
  expect(primary).toEqual({})
})

test('an empty or blank line of .env means unset', async () => {
  const blank = Object.fromEntries(Object.keys(complete).map((name, index) => [name, index % 2 ? '' : ' ']))
  expect((await openProviders(providerEntries, blank, tools, {})).on.size).toBe(0)
})

test('the first that is on is a channel’s first choice, unless the environment says another', async () => {
  const first = await openProviders(providerEntries, complete, tools, {})
  expect([first.primary.email?.name, first.primary.whatsapp?.name, first.primary.sms?.name]).toEqual([
    'smtp',
    'twilio',
    'twilio',
  ])
  const wanted = readConfig({ EMAIL_PROVIDER: 'resend', WHATSAPP_PROVIDER: 'greenapi' }).wanted
  const chosen = await openProviders(providerEntries, complete, tools, wanted)
  expect([chosen.primary.email?.name, chosen.primary.whatsapp?.name]).toEqual(['resend', 'greenapi'])
  for (const { on } of [first, chosen]) for (const provider of on.values()) await provider.close?.()
})

test('one takes over on a channel only where the environment names it', async () => {
  const none = await openProviders(providerEntries, complete, tools, readConfig({}).wanted)
  expect(none.fallback).toEqual({})
  const { wanted } = readConfig({ EMAIL_FALLBACK: 'resend', WHATSAPP_FALLBACK: 'greenapi' })
  const both = await openProviders(providerEntries, complete, tools, wanted)
  expect([both.fallback.email?.name, both.fallback.whatsapp?.name, both.fallback.sms]).toEqual([
    'resend',
    'greenapi',
    undefined,
  ])
  for (const { on } of [none, both]) for (const provider of on.values()) await provider.close?.()
})

test.each([
  ['is off', { EMAIL_FALLBACK: 'resend' }, ['EMAIL_FALLBACK', 'RESEND_API_KEY']],
  ['sends on another channel', { EMAIL_FALLBACK: 'greenapi' }, ['EMAIL_FALLBACK', 'smtp, sendgrid, resend']],
  ['does not exist', { WHATSAPP_FALLBACK: 'pigeon' }, ['WHATSAPP_FALLBACK', 'twilio, greenapi']],
  ['sends first already', { EMAIL_FALLBACK: 'smtp' }, ['EMAIL_FALLBACK', 'EMAIL_PROVIDER']],
  [
    'is named first',
    { WHATSAPP_PROVIDER: 'twilio', WHATSAPP_FALLBACK: 'twilio' },
    ['WHATSAPP_FALLBACK', 'WHATSAPP_PROVIDER'],
  ],
])(
  'a provider that is to take over and %s stops the boot with one line that names the variable',
  async (_what, named, names) => {
    const { RESEND_API_KEY: _off, RESEND_WEBHOOK_SECRET: _closed, ...others } = complete
    const message = await bootError({ ...others, ...named })
    for (const name of names) expect(message).toContain(name)
  },
)

test('secrets are lists for rotation, the current one first; a URL loses its last slash', () => {
  expect(readConfig({ JWT_SECRET: ' new , old ', BASE_URL: 'https://comms.example.com/' })).toMatchObject({
    jwtSecrets: ['new', 'old'],
    baseUrl: 'https://comms.example.com',
  })
})

test('a time zone that does not exist is told how one is named', async () => {
  expect(await bootError({ TIME_ZONE: 'Paris' })).toBe(
    'configuration: TIME_ZONE is not usable: must be the name of a time zone, such as Europe/Paris',
  )
})

test('a sender that is not a number stops the boot', async () => {
  const environment = {
    TWILIO_ACCOUNT_SID: credentials.twilio.accountSid,
    TWILIO_AUTH_TOKEN: credentials.twilio.authToken,
    TWILIO_WHATSAPP_FROM: 'our number',
  }
  expect(await bootError(environment)).toContain('TWILIO_WHATSAPP_FROM')
})

test.each(['abc', '-1', '65536', '1.5'])('PORT=%s is told which numbers it may be', async (PORT) => {
  expect(await bootError({ PORT })).toBe(
    'configuration: PORT is not usable: must be a whole number from 0 to 65535',
  )
})
