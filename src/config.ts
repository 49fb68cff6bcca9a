import { z } from 'zod'
import { issueText } from './api/params.ts'
import type { Wanted } from './carriers/providers.ts'
import { type WindowPolicy, windowPolicies } from './carriers/window.ts'
import type { Environment } from './contract/provider.ts'
import { secrets } from './contract/signature.ts'
import { given, listed, shaped, variable, withoutLastSlash } from './contract/variables.ts'
import { refuseWeakSecrets } from './contract/weak-secrets.ts'
import { type AutoReplies, checkAutoReply } from './crm/auto-reply.ts'
import { type Bounces, bouncesOf, bounceVariables } from './email/bounces.ts'
import { ConfigurationError } from './model/errors.ts'
import { languages } from './model/language.ts'
import { isTimeZone } from './model/local-time.ts'
import type { Sentences } from './model/sentences/sentences.ts'
import { sentencesIn } from './model/sentences/sentences-in.ts'
import { spanSeconds } from './model/span.ts'
import { emailExpiresMs, reminderExpiresMs, textExpiresMs } from './patience.ts'
import type { Ages } from './sending/waits.ts'

const url = z.url({ protocol: /^https?$/ }).optional()
const portRange = 'must be a whole number from 0 to 65535'
const countRange = 'must be a whole number from 1'
const count = z.coerce.number(countRange).int(countRange).positive(countRange).optional()

const spanShape = 'must be a span, such as 90s, 15m, 2h or 1d'
const span = (byDefaultMs: number) =>
  z
    .string()
    .transform((value, context) => {
      const seconds = spanSeconds(value)
      if (seconds !== undefined) return seconds * 1_000
      context.addIssue({ code: 'custom', message: spanShape })
      return z.NEVER
    })
    .default(byDefaultMs)

const schema = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  PORT: z.coerce.number(portRange).int(portRange).min(0, portRange).max(65_535, portRange).default(3_000),
  HOST: z.string().default('127.0.0.1'),
  BASE_URL: url,
  TRUST_PROXY: shaped(
    /^(\d+|((loopback|linklocal|uniquelocal|[\da-fA-F.:]+(\/\d{1,3})?)(\s*,\s*|$))+)$/,
    'must be a number of proxies, or addresses and networks, such as 1 or 10.0.0.0/8',
  ),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  LOG_FILE: variable,
  DATA_DIR: z.string().default('./data'),
  DEFAULT_COUNTRY: shaped(/^[A-Z]{2}$/, 'must be two capital letters, such as FR').default('FR'),
  TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'must be the name of a time zone, such as Europe/Paris')
    .default('Europe/Paris'),
  TEAM_LANGUAGE: z.enum(languages).default('fr'),
  JWT_SECRET: variable,
  CORS_ORIGINS: variable,
  TRACKING_SECRET: variable,
  METRICS_TOKEN: variable,
  ...bounceVariables,
  SEND_LIMIT_HOUR: count,
  SEND_LIMIT_RECIPIENT_DAY: count,
  EXPIRY_REMINDER: span(reminderExpiresMs),
  EXPIRY_TEXT: span(textExpiresMs),
  EXPIRY_EMAIL: span(emailExpiresMs),
  SUPABASE_URL: url,
  SUPABASE_SERVICE_ROLE_KEY: variable,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  EMAIL_PROVIDER: variable,
  EMAIL_FALLBACK: variable,
  WHATSAPP_PROVIDER: variable,
  WHATSAPP_FALLBACK: variable,
  WHATSAPP_WINDOW: z.enum(windowPolicies).default('warn'),
  AUTO_REPLY_CONFIRMED: variable,
  AUTO_REPLY_CANCELLED: variable,
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
  /** The company's, in which people read when something is or was. */
  timeZone: string
  /** What the team reads in the CRM. */
  sentences: Sentences
  /** The first is the current one. Empty: one is made and kept in dataDir. */
  jwtSecrets: string[]
  /** Prove the addresses of our pixel and links; the first signs. Empty: nothing of ours is in any mail. */
  trackingSecrets: string[]
  corsOrigins: string[]
  metricsToken: string | undefined
  limits: { hour: number | undefined; recipientDay: number | undefined }
  /** How long a message of each purpose may wait. */
  ages: Ages
  database: {
    supabaseUrl: string | undefined
    supabaseKey: string | undefined
    databaseUrl: string | undefined
  }
  bounces: Bounces
  wanted: Wanted
  /** What is done with free text outside WhatsApp's window. */
  window: WindowPolicy
  autoReplies: AutoReplies
}

/** The environment as configuration. Throws ConfigurationError with one line that names the variable and the remedy. */
export function readConfig(environment: Environment): Config {
  const parsed = schema.safeParse(given(schema, environment))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigurationError(
      `configuration: ${issue?.path.join('.')} is not usable: ${issue && issueText(issue)}`,
    )
  }
  const value = parsed.data
  const production = value.NODE_ENV === 'production'
  const jwtSecrets = secrets(value.JWT_SECRET)
  if (production && jwtSecrets.length === 0)
    throw new ConfigurationError(
      'configuration: JWT_SECRET is missing (required in production: 32 random bytes)',
    )
  if (production && jwtSecrets.some((secret) => secret.length < 32))
    throw new ConfigurationError(
      'configuration: JWT_SECRET is too short (at least 32 characters in production)',
    )
  const trackingSecrets = secrets(value.TRACKING_SECRET)
  if (production && trackingSecrets.some((secret) => secret.length < 32))
    throw new ConfigurationError(
      'configuration: TRACKING_SECRET is too short (at least 32 characters in production)',
    )
  if (production && value.BASE_URL === undefined)
    throw new ConfigurationError(
      'configuration: BASE_URL is missing (required in production: the public https URL)',
    )
  refuseWeakSecrets(environment, production && !onThisMachine(value.BASE_URL))
  if ((value.SUPABASE_URL === undefined) !== (value.SUPABASE_SERVICE_ROLE_KEY === undefined))
    throw new ConfigurationError(
      `configuration: ${value.SUPABASE_URL ? 'SUPABASE_SERVICE_ROLE_KEY' : 'SUPABASE_URL'} is missing (set both or neither)`,
    )
  return {
    production,
    port: value.PORT,
    host: value.HOST,
    baseUrl: value.BASE_URL && withoutLastSlash(value.BASE_URL),
    trustProxy: value.TRUST_PROXY,
    logLevel: value.LOG_LEVEL,
    logFile: value.LOG_FILE,
    dataDir: value.DATA_DIR,
    country: value.DEFAULT_COUNTRY,
    timeZone: value.TIME_ZONE,
    sentences: sentencesIn[value.TEAM_LANGUAGE],
    jwtSecrets,
    trackingSecrets,
    corsOrigins: listed(value.CORS_ORIGINS),
    metricsToken: value.METRICS_TOKEN,
    limits: { hour: value.SEND_LIMIT_HOUR, recipientDay: value.SEND_LIMIT_RECIPIENT_DAY },
    ages: {
      reminder: value.EXPIRY_REMINDER,
      text: value.EXPIRY_TEXT,
      email: value.EXPIRY_EMAIL,
    },
    database: {
      supabaseUrl: value.SUPABASE_URL,
      supabaseKey: value.SUPABASE_SERVICE_ROLE_KEY,
      databaseUrl: value.DATABASE_URL,
    },
    bounces: bouncesOf(value),
    window: value.WHATSAPP_WINDOW,
    autoReplies: {
      confirm: checkAutoReply('AUTO_REPLY_CONFIRMED', value.AUTO_REPLY_CONFIRMED),
      cancel: checkAutoReply('AUTO_REPLY_CANCELLED', value.AUTO_REPLY_CANCELLED),
    },
    wanted: {
      first: { email: value.EMAIL_PROVIDER, whatsapp: value.WHATSAPP_PROVIDER },
      fallback: { email: value.EMAIL_FALLBACK, whatsapp: value.WHATSAPP_FALLBACK },
    },
  }
}

/** Whether a URL leads nowhere but to the machine of whoever follows it. */
function onThisMachine(publicUrl: string | undefined): boolean {
  return (
    publicUrl === undefined ||
    /^(([^.]+\.)*localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(publicUrl).hostname)
  )
}
