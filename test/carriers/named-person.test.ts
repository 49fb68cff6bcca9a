import { describe, expect, it } from 'vitest'
import { byName, goesByName } from '#src/carriers/named-person.ts'
import type { Providers } from '#src/carriers/providers.ts'
import type { Provider, ProviderEntry } from '#src/contract/provider.ts'

function provider(
  name: string,
  reaches: (name: string) => boolean,
  channels: Provider['channels'],
): Provider {
  return { name, channels, reaches, send: () => Promise.reject(new Error('not asked')) }
}

function providers(...on: Provider[]): Providers {
  const entries = on.map(
    ({ name }): ProviderEntry => ({
      name,
      channels: ['whatsapp'],
      paths: [],
      sendsWith: [],
      hearsWith: [],
      create: async () => undefined,
    }),
  )
  return {
    entries,
    on: new Map(on.map((one) => [one.name, one])),
    readers: new Map(),
    primary: {},
    fallback: {},
  }
}

const message = (to: string) => ({ channel: 'whatsapp', tenantId: 't1', to, body: 'Hi' }) as const
const first = provider('first', (name) => name.startsWith('FR.'), ['whatsapp'])
const second = provider('second', (name) => name.endsWith('@lid'), ['whatsapp'])

describe('a message to a name', () => {
  it('is one to somebody on WhatsApp without a number', () => {
    expect(goesByName(message('FR.77'))).toBe(true)
    expect(goesByName(message('7@lid'))).toBe(true)
    expect(goesByName(message('+33612345678'))).toBe(false)
    expect(goesByName({ ...message('FR.77'), channel: 'sms' })).toBe(false)
  })

  it('goes by the one that knows such names', () => {
    const both = providers(first, second)
    expect(byName(both, message('FR.77'), undefined)).toBe(first)
    expect(byName(both, message('7@lid'), undefined)).toBe(second)
    expect(byName(both, message('7@lid'), 'second')).toBe(second)
  })

  it('is refused where its caller names another, with the one that does', () => {
    expect(() => byName(providers(first, second), message('FR.77'), 'second')).toThrow(
      'to: is a name that only first reaches (leave out provider)',
    )
  })

  it('is refused where nobody here knows such names', () => {
    const told = 'to: is a name that no provider here reaches (give the phone number)'
    expect(() => byName(providers(second), message('FR.77'), undefined)).toThrow(told)
    const withoutWhatsApp = provider('first', () => true, ['sms'])
    expect(() => byName(providers(withoutWhatsApp), message('FR.77'), undefined)).toThrow(told)
  })
})
