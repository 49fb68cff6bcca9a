import { type Provider, sendsOnWith } from '#src/contract/provider.ts'
import { AppError } from '#src/model/errors.ts'
import type { SendableMessage } from '#src/model/message.ts'
import { type Channel, channels } from '#src/model/message.ts'
import type { SendRequest } from '#src/model/send-request.ts'
import type { Breaker } from './breaker.ts'
import { byName, goesByName } from './named-person.ts'
import type { Providers } from './providers.ts'
import type { WindowPolicy } from './window.ts'

/** The provider by which a message goes first, and the one that takes over where the first surely did not take it. */
export interface Way {
  provider: Provider
  fallback: Provider | undefined
  /** The provider that this one stands in for, and the code of why. */
  insteadOf?: InsteadOf | undefined
}

export interface InsteadOf {
  provider: Provider
  code: string | undefined
}

export type Ways = ReturnType<typeof createWays>

/** Which provider carries what: the one that its caller named, else the channel's first, else the one that takes over. */
export function createWays(options: {
  providers: Providers
  breaker: Breaker
  window: WindowPolicy
  now: () => Date
}) {
  const { providers, breaker, window, now } = options
  const pairs = channels.flatMap((channel) => {
    const { [channel]: first } = providers.primary
    const { [channel]: fallback } = providers.fallback
    return first && fallback ? [{ first, fallback }] : []
  })

  /** Why the first one is left alone; undefined: it is not, or the other is not better. */
  function whyDiverted(first: Provider, fallback: Provider): string | undefined {
    return breaker.whyOpen(fallback.name) === undefined ? breaker.whyOpen(first.name) : undefined
  }

  return {
    /** The way of a new message. Throws AppError where nobody can carry it. */
    choose({ message, provider: named, sendAt }: SendRequest): Way {
      if (goesByName(message)) return { provider: byName(providers, message, named), fallback: undefined }
      const first = chosen(providers, message.channel, named)
      const fallback = named === undefined ? fallbackOf(providers, window, message) : undefined
      const later = sendAt !== undefined && sendAt > now()
      const code = fallback && !later ? whyDiverted(first, fallback) : undefined
      if (!fallback || code === undefined || breaker.lets(first.name)) return { provider: first, fallback }
      return { provider: fallback, fallback, insteadOf: { provider: first, code } }
    },

    /** Those that take over, by their names. */
    fallbacks: new Map(pairs.map(({ fallback }) => [fallback.name, fallback])),

    /** Those that send nothing here, as they are not configured. */
    off: providers.entries.filter(({ name }) => !providers.on.get(name)?.send).map(({ name }) => name),

    /** Those that are left alone where another may be asked. */
    avoided: (): string[] =>
      pairs.flatMap(({ first, fallback }) =>
        whyDiverted(first, fallback) === undefined ? [] : [first.name],
      ),
  }
}

/** Free text goes to nobody who refuses it for good outside WhatsApp's window, while another may take it later. */
function fallbackOf(
  providers: Providers,
  window: WindowPolicy,
  message: SendableMessage,
): Provider | undefined {
  const fallback = providers.fallback[message.channel]
  const freeText = message.channel === 'whatsapp' && !message.template
  return freeText && window === 'enforce' && fallback?.freeTextForMs !== undefined ? undefined : fallback
}

function chosen(providers: Providers, channel: Channel, name: string | undefined): Provider {
  const able = providers.entries.filter((entry) => entry.channels.includes(channel))
  const entry = able.find((candidate) => candidate.name === name)
  if (name !== undefined && !entry)
    throw new AppError('invalid_params', 400, `provider: none of that name sends by ${channel}`, {
      details: {
        issues: [{ path: 'provider', message: `must be one of ${able.map(({ name }) => name).join(', ')}` }],
      },
    })
  const provider = entry ? providers.on.get(entry.name) : providers.primary[channel]
  if (provider?.send && provider.channels.includes(channel)) return provider
  const remedy = (entry ? [entry] : able)
    .map((off) => `${off.name}: ${sendsOnWith(off, channel).join(', ')}`)
    .join(' · ')
  throw new AppError('channel_not_configured', 503, `${channel}: no provider is on (set ${remedy})`, {
    details: { channel },
  })
}
