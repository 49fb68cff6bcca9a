import type { Provider } from '#src/contract/provider.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import { createReads, type Reads } from './reads.ts'
import { createTokens, type Tokens } from './tokens.ts'
import { createTracking, type Tracking } from './tracking.ts'

/** What the house knows of mails that are read. */
export interface Email {
  /** Undefined: TRACKING_SECRET is not set. */
  tokens: Tokens | undefined
  tracking: Tracking
  reads: Reads
  /** Logs by whom no mail can be tracked, though a secret is there. */
  warn(providers: Iterable<Provider>): void
}

/** The room put together. */
export function createEmail(options: {
  config: { trackingSecrets: readonly string[]; baseUrl: string | undefined; production: boolean }
  ingest: Pick<Ingest, 'record'>
  log: Log
  now: () => Date
  clock: () => number
}): Email {
  const { config, log } = options
  const { trackingSecrets, baseUrl, production } = config
  const [signing, ...older] = trackingSecrets
  const tokens = signing === undefined ? undefined : createTokens([signing, ...older])
  const tracking = createTracking({ tokens, baseUrl, production })
  return {
    tokens,
    tracking,
    reads: createReads(options),
    warn(providers) {
      if (!tokens) return
      const remedy = 'set BASE_URL to the public address: whoever reads a mail calls it'
      for (const provider of providers)
        if (provider.send && provider.channels.includes('email') && !tracking.readable(provider))
          log.warn('tracking_not_available', { provider: provider.name, remedy })
    },
  }
}
