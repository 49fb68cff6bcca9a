import { z } from 'zod'
import type { MailTracking } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import type { Warning } from '#src/model/warnings.ts'
import type { ResendApi } from './api.ts'

const freshMs = 3_600_000
/** Each may cost a request of the rate limit that sends share. */
const mostDomains = 25

export interface TrackedDomains {
  /** Reads the settings of our domains and says in one line each what an operator should change. */
  look(): Promise<string[]>
  /** What it tells of mails from this domain, by what was last read; a key that may only send cannot read it. */
  tracks(domain: string): MailTracking
  /** What a send from this domain should warn of, by what was last read; reads again in the background once an hour. */
  warnings(domain: string, consent: OutgoingEmail['tracking']): Warning[] | undefined
}

const settings = z.object({
  id: z.string(),
  name: z.string(),
  open_tracking: z.boolean().nullish(),
  click_tracking: z.boolean().nullish(),
})
type Settings = z.infer<typeof settings>
const list = z.object({ data: z.array(settings) })

/**
 * Resend tracks opens and clicks per domain, with no switch per message: a send without consent from such a domain is
 * tracked all the same, and the caller must know (https://resend.com/docs/dashboard/domains/tracking).
 */
export function trackedDomains(api: ResendApi, clock: () => number): TrackedDomains {
  let settings: ReadonlyMap<string, Settings> = new Map()
  let lookedAt = Number.NEGATIVE_INFINITY

  async function look(): Promise<string[]> {
    lookedAt = clock()
    try {
      const domains = await readDomains(api)
      settings = new Map(domains.map((domain) => [domain.name.toLowerCase(), domain]))
      return domains.flatMap(findings)
    } catch (error) {
      const code = error instanceof ProviderError ? error.providerCode : 'unreadable answer'
      return [
        `resend: the tracking settings of its domains cannot be read: ${code} (see that tracking is off at \
resend.com/domains, or use a key with full access)`,
      ]
    }
  }

  function warnings(domain: string, consent: OutgoingEmail['tracking']): Warning[] | undefined {
    if (clock() - lookedAt > freshMs) void look()
    const domainSettings = settings.get(domain)
    const codes: Warning[] = []
    if (domainSettings?.open_tracking && !consent.opens) codes.push('resend_domain_tracks_opens')
    if (domainSettings?.click_tracking && !consent.clicks) codes.push('resend_domain_tracks_clicks')
    return codes.length > 0 ? codes : undefined
  }

  function tracks(domain: string): MailTracking {
    const { open_tracking: opens, click_tracking: clicks } = settings.get(domain) ?? {}
    return { opens: opens === true, clicks: clicks === true }
  }

  return { look, tracks, warnings }
}

/** The list leaves the tracking settings out in some versions of the API: then each domain is asked for. */
async function readDomains(api: ResendApi): Promise<Settings[]> {
  const domains = list.parse(await read(api, '/domains')).data.slice(0, mostDomains)
  const complete: Settings[] = []
  for (const domain of domains)
    complete.push(
      typeof domain.open_tracking === 'boolean'
        ? domain
        : settings.parse(await read(api, `/domains/${encodeURIComponent(domain.id)}`)),
    )
  return complete
}

async function read(api: ResendApi, path: string): Promise<unknown> {
  const { status, json } = await api.ask(path)
  if (status === 200) return json
  const name = z.object({ name: z.string() }).safeParse(json).data?.name
  throw new ProviderError('resend', 'permanent', 'resend: refused', {
    providerCode: name ?? `HTTP ${status}`,
  })
}

function findings(domain: Settings): string[] {
  const off = 'without asking whether the send carries consent (switch it off at resend.com/domains)'
  return [
    ...(domain.open_tracking ? [`resend: ${domain.name} tracks opens ${off}`] : []),
    ...(domain.click_tracking ? [`resend: ${domain.name} tracks clicks ${off}`] : []),
  ]
}
