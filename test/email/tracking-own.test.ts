import { expect, test } from 'vitest'
import { createTokens } from '#src/email/tokens.ts'
import { createTracking } from '#src/email/tracking.ts'
import type { SendableEmail } from '#src/model/message.ts'
import { email } from '#support/heard.ts'

const tokens = createTokens(['a-secret-of-the-tests'])
const tracking = createTracking({ tokens, baseUrl: 'https://comms.example.com', production: true })
const html = '<a href="https://shop.example/">Max</a>'

/** A provider that tracks what it says now. */
function providerThat(tells: { opens: boolean; clicks: boolean }) {
  return { name: 'resend', channels: ['email'] as const, tracks: (_message: SendableEmail) => tells }
}

test('what we track is decided once, whatever the provider says later of what it tracks', async () => {
  const tells = { opens: true, clicks: true }
  const provider = providerThat(tells)
  const message = tracking.decided(provider, {
    ...email('anna@customers.example'),
    html,
    tracking: { opens: true, clicks: true },
  })
  const first = await tracking.put(provider, message)
  expect(first.channel === 'email' && first.html).toBe(html)
  tells.opens = false
  expect(await tracking.put(provider, message)).toEqual(first)
})

test('and anew for another provider, which takes over', async () => {
  const message = tracking.decided(providerThat({ opens: true, clicks: true }), {
    ...email('anna@customers.example'),
    html,
    tracking: { opens: true, clicks: true },
  })
  const other = await tracking.put({ name: 'smtp', channels: ['email'] }, message)
  expect(other.channel === 'email' && other.html).toContain('/api/email/track/')
})
