import type { Providers } from './carriers/providers.ts'
import type { Config } from './config.ts'
import type { Bounces } from './email/bounces.ts'
import { channels } from './model/message.ts'

/** What a person sees when the server has started: what is on, what is off and how to turn it on. */
export function banner(started: {
  config: Config
  providers: Providers
  crm: string
  database: string
  address: string
}): string {
  const { config, providers } = started
  const lines = [
    '',
    `  max-comms listens on ${started.address}`,
    `  public URL   ${config.baseUrl ?? 'none: providers are asked for no status callbacks (set BASE_URL)'}`,
    `  database     ${started.database}`,
    `  CRM          ${started.crm}`,
    `  mail reads   ${config.trackingSecrets.length > 0 ? 'our own pixel and links, where a send asks and its provider tells nothing' : 'only as providers tell them (set TRACKING_SECRET)'}`,
    ...(providers.on.has('smtp') ? [`  bounces      ${bouncesLine(config.bounces)}`] : []),
    '',
    ...channels.map((channel) => {
      const first = providers.primary[channel]
      const fallback = providers.fallback[channel]
      const carriers = [first && `by ${first.name}`, fallback && `${fallback.name} takes over`]
      return `  ${channel.padEnd(12)} ${carriers.filter((carrier) => carrier !== undefined).join(', ') || 'off'}`
    }),
    '',
  ]
  for (const entry of providers.entries) {
    const provider = providers.on.get(entry.name)
    const sends = provider?.send ? 'sends' : `sends nothing (set ${entry.sendsWith.join(', ')})`
    const hears =
      entry.paths.length === 0
        ? ''
        : provider?.webhook
          ? ', hears'
          : `, hears nothing (set ${entry.hearsWith.join(', ')})`
    lines.push(
      provider
        ? `  on   ${entry.name.padEnd(10)} ${sends}${hears}${provider.webhook ? ` at ${entry.paths[0]}` : ''}`
        : `  off  ${entry.name.padEnd(10)} to turn it on, set ${entry.sendsWith.join(', ')}`,
    )
  }
  return lines.join('\n')
}

function bouncesLine({ mailbox, paths }: Bounces): string {
  if (!mailbox)
    return 'not read: mails by SMTP end at sent (set BOUNCE_IMAP_HOST, BOUNCE_IMAP_USER, BOUNCE_IMAP_PASSWORD)'
  return `read at ${mailbox.host}${paths ? '' : ', where they come to the senders (BOUNCE_ADDRESS is not set)'}`
}
