import { z } from 'zod'
import { ConfigurationError } from './errors.ts'
import { type Channel, channels } from './message.ts'
import type { Environment, ItemReader, Provider, ProviderEntry, ProviderTools } from './provider.ts'
import { secrets } from './signature.ts'

/** An empty line in `.env` means unset. */
const unset = (value: unknown) => (value === '' ? undefined : value)
const text = z.preprocess(unset, z.string().trim().optional())
const url = z.preprocess(unset, z.url({ protocol: /^https?$/ }).optional())
const port = (standard: number) =>
  z.preprocess(unset, z.coerce.number().int().min(0).max(65_535).default(standard))
const count = z.preprocess(unset, z.coerce.number().int().positive().optional())

const schema = z.object({
  NODE_ENV: z.preprocess(unset, z.enum(['production', 'development', 'test']).default('development')),
  PORT: port(3_000),
  HOST: z.preprocess(unset, z.string().default('127.0.0.1')),
  BASE_URL: url,
  TRUST_PROXY: z.preprocess(
    unset,
    z
      .string()
      .regex(
        /^(\d+|((loopback|linklocal|uniquelocal|[\da-fA-F.:]+(\/\d{1,3})?)(\s*,\s*|$))+)$/,
        'must be a number of proxies, or addresses and networks, such as 1 or 10.0.0.0/8',
      )
      .optional(),
  ),
  LOG_LEVEL: z.preprocess(unset, z.enum(['error', 'warn', 'info', 'debug']).default('info')),
  LOG_FILE: text,
  DATA_DIR: z.preprocess(unset, z.string().default('./data')),
  DEFAULT_COUNTRY: z.preprocess(
    unset,
    z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be two capital letters, such as FR')
      .default('FR'),
  ),
  JWT_SECRET: text,
  CORS_ORIGINS: text,
  METRICS_TOKEN: text,
  SEND_LIMIT_HOUR: count,
  SEND_LIMIT_RECIPIENT_DAY: count,
  SUPABASE_URL: url,
  SUPABASE_SERVICE_ROLE_KEY: text,
  DATABASE_URL: z.preprocess(unset, z.url({ protocol: /^postgres(ql)?$/ }).optional()),
  EMAIL_PROVIDER: text,
  WHATSAPP_PROVIDER: text,
})

export interface Config {
  production: boolean
  port: number
  host: string
  /** Public URL without a trailing slash; undefined: no status callbacks are asked for. */
  baseUrl: string | undefined
  trustProxy: string | undefined
  logLevel: 'error' | 'warn' | 'info' | 'debug'
  logFile: string | undefined
  dataDir: string
  country: string
  /** The first is the current one. Empty: one is made and kept in dataDir. */
  jwtSecrets: string[]
  corsOrigins: string[]
  metricsToken: string | undefined
  limits: { hour: number | undefined; recipientDay: number | undefined }
  database: {
    supabaseUrl: string | undefined
    supabaseKey: string | undefined
    databaseUrl: string | undefined
  }
  /** Which provider a channel uses first, where the environment says. */
  wanted: Partial<Record<Channel, string>>
}

/** The environment as configuration. Throws ConfigurationError with one line that names the variable and the remedy. */
export function readConfig(environment: Environment): Config {
  const parsed = schema.safeParse(environment)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigurationError(`configuration: ${issue?.path.join('.')} is not usable: ${issue?.message}`)
  }
  const value = parsed.data
  const production = value.NODE_ENV === 'production'
  const jwtSecrets = secrets(value.JWT_SECRET ?? '')
  if (production && jwtSecrets.length === 0)
    throw new ConfigurationError(
      'configuration: JWT_SECRET is missing (required in production: 32 random bytes)',
    )
  if (production && jwtSecrets.some((secret) => secret.length < 32))
    throw new ConfigurationError(
      'configuration: JWT_SECRET is too short (at least 32 characters in production)',
    )
  if (production && value.BASE_URL === undefined)
    throw new ConfigurationError(
      'configuration: BASE_URL is missing (required in production: the public https URL)',
    )
  if ((value.SUPABASE_URL === undefined) !== (value.SUPABASE_SERVICE_ROLE_KEY === undefined))
    throw new ConfigurationError(
      `configuration: ${value.SUPABASE_URL ? 'SUPABASE_SERVICE_ROLE_KEY' : 'SUPABASE_URL'} is missing (set both or neither)`,
    )
  return {
    production,
    port: value.PORT,
    host: value.HOST,
    baseUrl: value.BASE_URL?.replace(/\/+$/, ''),
    trustProxy: value.TRUST_PROXY,
    logLevel: value.LOG_LEVEL,
    logFile: value.LOG_FILE,
    dataDir: value.DATA_DIR,
    country: value.DEFAULT_COUNTRY,
    jwtSecrets,
    corsOrigins: secrets(value.CORS_ORIGINS ?? ''),
    metricsToken: value.METRICS_TOKEN,
    limits: { hour: value.SEND_LIMIT_HOUR, recipientDay: value.SEND_LIMIT_RECIPIENT_DAY },
    database: {
      supabaseUrl: value.SUPABASE_URL,
      supabaseKey: value.SUPABASE_SERVICE_ROLE_KEY,
      databaseUrl: value.DATABASE_URL,
    },
    wanted: {
      ...(value.EMAIL_PROVIDER ? { email: value.EMAIL_PROVIDER } : {}),
      ...(value.WHATSAPP_PROVIDER ? { whatsapp: value.WHATSAPP_PROVIDER } : {}),
    },
  }
}

/** The providers that are on, each channel's first one, and the table they came from. */
export interface Providers {
  entries: readonly ProviderEntry[]
  on: ReadonlyMap<string, Provider>
  /** Of every one that calls us, on or off: for what it told once. */
  readers: ReadonlyMap<string, ItemReader>
  primary: Partial<Record<Channel, Provider>>
}

/** Turns on what the environment configures. Throws ConfigurationError where a provider is half set or a wanted one is off. */
export async function openProviders(
  entries: readonly ProviderEntry[],
  environment: Environment,
  tools: ProviderTools,
  wanted: Config['wanted'],
): Promise<Providers> {
  const on = new Map<string, Provider>()
  for (const entry of entries) {
    const provider = await entry.create(environment, tools)
    if (provider) on.set(entry.name, provider)
  }
  const primary: Providers['primary'] = {}
  for (const channel of channels) {
    const provider = first(entries, on, channel, wanted[channel])
    if (provider) primary[channel] = provider
  }
  return { entries, on, readers: itemReaders(entries, environment), primary }
}

/** How the items of each provider that calls us are read; needs none of its secrets. */
export function itemReaders(
  entries: readonly ProviderEntry[],
  environment: Environment,
): Map<string, ItemReader> {
  const readers = new Map<string, ItemReader>()
  for (const entry of entries) {
    const reader = entry.reader?.(environment)
    if (reader) readers.set(entry.name, reader)
  }
  return readers
}

function first(
  entries: readonly ProviderEntry[],
  on: ReadonlyMap<string, Provider>,
  channel: Channel,
  name: string | undefined,
): Provider | undefined {
  if (name === undefined) return [...on.values()].find((provider) => provider.channels.includes(channel))
  const variable = `${channel.toUpperCase()}_PROVIDER`
  const able = entries.filter((entry) => entry.channels.includes(channel))
  const entry = able.find((candidate) => candidate.name === name)
  if (!entry)
    throw new ConfigurationError(
      `configuration: ${variable} names no provider (one of ${able.map((candidate) => candidate.name).join(', ')})`,
    )
  const provider = on.get(name)
  if (!provider?.channels.includes(channel))
    throw new ConfigurationError(
      `configuration: ${variable} is ${name}, which is off for ${channel} (set ${entry.sendsWith.join(', ')})`,
    )
  return provider
}
