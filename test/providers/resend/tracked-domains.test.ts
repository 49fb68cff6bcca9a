import { describe, expect, it } from 'vitest'
import { resendApi } from '#providers/resend/api.ts'
import { type TrackedDomains, trackedDomains } from '#providers/resend/tracked-domains.ts'
import { type LocalApi, localApi, nobodyListens, type Reply } from '#support/local-api.ts'

const noConsent = { opens: false, clicks: false }
const tracked = { id: 'd1', name: 'Comms.example', open_tracking: true, click_tracking: true }
const untracked = { id: 'd2', name: 'quiet.example', open_tracking: false, click_tracking: false }

describe('resend: domains that track whatever the send says', () => {
  it('are found, one line a setting, and remembered for the sends', async () => {
    const { domains } = await looking({ '/domains': { status: 200, body: { data: [tracked, untracked] } } })
    expect(await domains.look()).toEqual([
      expect.stringMatching(/^resend: Comms\.example tracks opens .*\(switch it off at/),
      expect.stringMatching(/^resend: Comms\.example tracks clicks .*\(switch it off at/),
    ])
    const both = ['resend_domain_tracks_opens', 'resend_domain_tracks_clicks']
    expect(domains.warnings('comms.example', noConsent)).toEqual(both)
    expect(domains.warnings('comms.example', { opens: true, clicks: false })).toEqual([
      'resend_domain_tracks_clicks',
    ])
    expect(domains.warnings('comms.example', { opens: true, clicks: true })).toBeUndefined()
    expect(domains.warnings('quiet.example', noConsent)).toBeUndefined()
    expect(domains.warnings('other.example', noConsent)).toBeUndefined()
  })

  it('are asked for one by one where the list says nothing of tracking', async () => {
    const { domains } = await looking({
      '/domains': { status: 200, body: { data: [{ id: 'd1', name: 'comms.example', status: 'verified' }] } },
      '/domains/d1': { status: 200, body: tracked },
    })
    expect(await domains.look()).toHaveLength(2)
  })

  it.each<[string, Reply]>([
    ['restricted_api_key', { status: 401, body: { name: 'restricted_api_key', message: 'only sending' } }],
    ['HTTP 500', { status: 500 }],
    ['unreadable answer', { status: 200, body: { data: 'none' } }],
  ])('are one finding where they cannot be read: %s', async (code, reply) => {
    const { domains } = await looking({ '/domains': reply })
    expect(await domains.look()).toEqual([expect.stringContaining(`cannot be read: ${code} (`)])
    expect(domains.warnings('comms.example', noConsent)).toBeUndefined()
  })

  it('are one finding where Resend cannot be reached', async () => {
    const domains = trackedDomains(resendApi('re_k', await nobodyListens()), () => 0)
    expect(await domains.look()).toEqual([expect.stringContaining('ECONNREFUSED')])
  })

  it('are read again in the background by the first send after an hour', async () => {
    let at = Date.UTC(2026, 10, 22)
    const { domains, api } = await looking(
      { '/domains': { status: 200, body: { data: [tracked] } } },
      () => new Date(at),
    )
    await domains.look()
    at += 3_600_000
    domains.warnings('comms.example', noConsent)
    expect(api.requests).toHaveLength(1)
    at += 1
    domains.warnings('comms.example', noConsent)
    domains.warnings('comms.example', noConsent)
    await expect.poll(() => api.requests.length, { timeout: 10_000 }).toBe(2)
  })
})

async function looking(
  replies: Record<string, Reply>,
  now: () => Date = () => new Date(),
): Promise<{ domains: TrackedDomains; api: LocalApi }> {
  const api = await localApi(({ path }) => replies[path] ?? { status: 404 })
  return { api, domains: trackedDomains(resendApi('re_k', api.url, 2_000), () => now().getTime()) }
}
