import {
  type Environment,
  type ItemReader,
  type Provider,
  type ProviderEntry,
  type ProviderTools,
  sendsOnWith,
} from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { type Channel, channels } from '#src/model/message.ts'

type Named = Partial<Record<Channel, string | undefined>>

/** Which provider a channel uses first, and which takes over from it, where the environment says. */
export interface Wanted {
  first?: Named
  fallback?: Named
}

/** The providers that are on, each channel's first one and the one that takes over, and the table they came from. */
export interface Providers {
  entries: readonly ProviderEntry[]
  on: ReadonlyMap<string, Provider>
  /** Of every one that calls us, on or off: for what it told once. */
  readers: ReadonlyMap<string, ItemReader>
  primary: Partial<Record<Channel, Provider>>
  fallback: Partial<Record<Channel, Provider>>
}

/**
 * Turns on what the environment configures. Throws ConfigurationError where a provider is half set, a wanted one is off, or
 * one is to take over from itself.
 */
export async function openProviders(
  entries: readonly ProviderEntry[],
  environment: Environment,
  tools: ProviderTools,
  wanted: Wanted,
): Promise<Providers> {
  const on = new Map<string, Provider>()
  for (const entry of entries) {
    const provider = await entry.create(environment, tools)
    if (provider) on.set(entry.name, provider)
  }
  const primary: Providers['primary'] = {}
  const fallback: Providers['fallback'] = {}
  for (const channel of channels) {
    const able = (role: keyof Wanted) => named({ entries, on, channel, role, name: wanted[role]?.[channel] })
    const first = able('first') ?? [...on.values()].find((provider) => provider.channels.includes(channel))
    const second = able('fallback')
    if (second && second === first) throw takesOverFromItself(channel, second)
    if (first) primary[channel] = first
    if (second) fallback[channel] = second
  }
  return { entries, on, readers: itemReaders(entries, environment, tools.country), primary, fallback }
}

/** How the items of each provider that calls us are read; needs none of its secrets. */
export function itemReaders(
  entries: readonly ProviderEntry[],
  environment: Environment,
  country: string,
): Map<string, ItemReader> {
  const readers = new Map<string, ItemReader>()
  for (const entry of entries) {
    const reader = entry.reader?.(environment, country)
    if (reader) readers.set(entry.name, reader)
  }
  return readers
}

const variables: Readonly<Record<keyof Wanted, string>> = { first: 'PROVIDER', fallback: 'FALLBACK' }

function named(choice: {
  entries: readonly ProviderEntry[]
  on: ReadonlyMap<string, Provider>
  channel: Channel
  role: keyof Wanted
  name: string | undefined
}): Provider | undefined {
  const { entries, on, channel, role, name } = choice
  if (name === undefined) return undefined
  const variable = `${channel.toUpperCase()}_${variables[role]}`
  const able = entries.filter((entry) => entry.channels.includes(channel))
  const entry = able.find((candidate) => candidate.name === name)
  if (!entry)
    throw new ConfigurationError(
      `configuration: ${variable} names no provider (one of ${able.map((candidate) => candidate.name).join(', ')})`,
    )
  const provider = on.get(name)
  if (!provider?.channels.includes(channel))
    throw new ConfigurationError(
      `configuration: ${variable} is ${name}, which is off for ${channel} (set ${sendsOnWith(entry, channel).join(', ')})`,
    )
  return provider
}

function takesOverFromItself(channel: Channel, { name }: Provider): ConfigurationError {
  const [first, fallback] = [variables.first, variables.fallback].map(
    (role) => `${channel.toUpperCase()}_${role}`,
  )
  return new ConfigurationError(
    `configuration: ${fallback} is ${name}, which sends first already (name another, or set ${first})`,
  )
}
