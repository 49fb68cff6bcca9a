import { z } from 'zod'
import { ConfigurationError } from '#src/model/errors.ts'
import type { Environment } from './provider.ts'

/** A variable of any text. */
export const variable = z.string().optional()

/** A variable of a shape; `message` is what is said of another, after its name. */
export function shaped(shape: RegExp, message: string) {
  return z.string().regex(shape, message).optional()
}

/** An http(s) URL, without a trailing slash. */
export const httpUrl = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:/i.test(value), 'is not an http(s) URL')
  .transform(withoutLastSlash)
  .optional()

/** What an environment gives of a schema's variables, trimmed: an empty or blank line of `.env` means unset. */
export function given({ shape }: z.ZodObject, environment: Environment): Record<string, string> {
  const values: Record<string, string> = {}
  for (const name of Object.keys(shape)) {
    const value = environment[name]?.trim()
    if (value) values[name] = value
  }
  return values
}

/** A provider's variables. Throws ConfigurationError with one line that names each that is not as it should be. */
export function settingsOf<Shape extends z.core.$ZodShape>(
  provider: string,
  schema: z.ZodObject<Shape>,
  environment: Environment,
): z.infer<z.ZodObject<Shape>> {
  const result = schema.safeParse(given(schema, environment))
  if (result.success) return result.data
  const findings = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  throw new ConfigurationError(`${provider}: ${findings.join('; ')}`)
}

/**
 * What is wrong with a provider that has only some of its variables: `sends` is what sending needs, the first its own,
 * `hears` what hearing needs.
 */
export function halfSet(
  provider: string,
  sends: Record<string, string | undefined>,
  hears: Record<string, string | undefined>,
): ConfigurationError {
  const [own = ''] = Object.keys(sends)
  const [hearing = ''] = Object.keys(hears)
  const missing = Object.keys(sends).filter((name) => sends[name] === undefined)
  const present = sends[own] === undefined ? hearing : own
  const remedy = hears[hearing] === undefined ? 'set both or neither' : 'it sends and hears, or neither'
  return new ConfigurationError(
    `${provider}: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing (${present} is set; ${remedy})`,
  )
}

/** The values of a comma-separated list. */
export function listed(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

export function withoutLastSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
