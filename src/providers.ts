import { ConfigurationError } from './errors.ts'
import { type Channel, channels } from './message.ts'
import type { Environment, ItemReader, Provider, ProviderEntry, ProviderTools } from './provider.ts'

/** Which provider a channel uses first, where the environment says. */
export type Wanted = Partial<Record<Channel, string>>

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
  wanted: Wanted,
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
  return { entries, on, readers: itemReaders(entries, environment, tools.country), primary }
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
