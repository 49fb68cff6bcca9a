import { dmarc } from 'mailauth/lib/dmarc/index.js'
import { spf } from 'mailauth/lib/spf/index.js'
import type { Found } from './finding-kinds.ts'

/** What a name has in the DNS. Rejects with a `code` as node:dns does: ENOTFOUND, ENODATA, or anything else where it is not known. */
export type Resolve = (name: string, type: string) => Promise<string[][] | string[]>

/** How long the DNS is waited for: somebody waits for the answer. */
export const dnsAnswersMs = 5_000

/** An address that is nobody's (RFC 5737): an SPF record that lets it send lets everybody. */
const nobodysAddress = '192.0.2.1'

/** What node:dns calls that there is none. */
const noRecord = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

/** Tags that RFC 9989 (May 2026) took out of DMARC. */
const removedTags = /(?:^|;)\s*(pct|rf|ri)\s*=/gi

/**
 * What the DNS says of a sender's domain. `ownServer`: its mails go out in its own name, so that its SPF record counts; SendGrid and
 * Resend send in theirs. Answers within a bounded time, whatever the DNS does.
 */
export async function domainFindings(domain: string, ownServer: boolean, resolve: Resolve): Promise<Found[]> {
  const details = { domain }
  const asked = [...(ownServer ? [spfFindings(domain, resolve)] : []), dmarcFindings(domain, resolve)]
  const silent: Found[] = [{ id: 'dns_silent', details }]
  const answers = await Promise.all(
    asked.map((one) =>
      inTime(
        one.catch(() => silent),
        silent,
      ),
    ),
  )
  const found = answers.flat()
  const once = found.filter(({ id }, at) => found.findIndex((other) => other.id === id) === at)
  return [...once, { id: 'dkim_unknown', details }]
}

async function spfFindings(domain: string, resolve: Resolve): Promise<Found[]> {
  const details = { domain }
  const said = await spf({
    resolver: resolve,
    ip: nobodysAddress,
    sender: `postmaster@${domain}`,
    helo: domain,
    mta: domain,
  })
  switch (said.status.result) {
    case 'none':
      return [{ id: 'spf_missing', details }]
    case 'permerror':
      return [{ id: (await severalSpf(domain, resolve)) ? 'spf_several' : 'spf_broken', details }]
    case 'temperror':
      return [{ id: 'dns_silent', details }]
    case 'pass':
      return [{ id: 'spf_allows_anybody', details }]
    default:
      return []
  }
}

async function severalSpf(domain: string, resolve: Resolve): Promise<boolean> {
  const records = await texts(domain, resolve)
  return records.filter((record) => /^v=spf1(?: |$)/i.test(record)).length > 1
}

/** The TXT records of a name; none where there is no such name. */
async function texts(name: string, resolve: Resolve): Promise<string[]> {
  const records = await resolve(name, 'TXT').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && noRecord.has(String(error.code))) return []
    throw error
  })
  return records.map((record) => (typeof record === 'string' ? record : record.join('')))
}

async function dmarcFindings(domain: string, resolve: Resolve): Promise<Found[]> {
  const said = await dmarc({
    resolver: resolve,
    headerFrom: `postmaster@${domain}`,
    spfDomains: [],
    dkimDomains: [],
  })
  if (said === false || said.status.result === 'none') {
    const own = await texts(`_dmarc.${domain}`, resolve)
    const broken = own.some((record) => /^\s*v\s*=\s*DMARC1\b/i.test(record))
    return [{ id: broken ? 'dmarc_broken' : 'dmarc_missing', details: { domain } }]
  }
  if (said.status.result === 'temperror') return [{ id: 'dns_silent', details: { domain } }]
  if (said.status.result === 'permerror') return [{ id: 'dmarc_broken', details: { domain } }]
  const details = { domain: said.policyDomain ?? domain }
  const tags = [
    ...new Set([...(said.rr ?? '').matchAll(removedTags)].map(([, tag = '']) => tag.toLowerCase())),
  ]
  return [
    ...(tags.length > 0
      ? [{ id: 'dmarc_removed_tags' as const, details: { ...details, tags: tags.join(', ') } }]
      : []),
    ...(said.policy === 'none' || said.testMode ? [{ id: 'dmarc_only_watches' as const, details }] : []),
  ]
}

async function inTime(asked: Promise<Found[]>, otherwise: Found[]): Promise<Found[]> {
  const late = Promise.withResolvers<Found[]>()
  const timer = setTimeout(() => late.resolve(otherwise), dnsAnswersMs)
  return Promise.race([asked, late.promise]).finally(() => clearTimeout(timer))
}
