import { z } from 'zod'
import type { Channel } from '#src/model/message.ts'
import { comesBackWithinMs, mailsLookedAt, softBouncesInARow } from '#src/patience.ts'
import type { Call } from '../call.ts'
import { asItCame } from '../columns.ts'

const suppression = asItCame(
  z.object({
    channel: z.string(),
    address: z.string(),
    reason: z.string(),
    since: z.string(),
    until: z.string().optional(),
  }),
)
export type Suppression = z.infer<typeof suppression>
const released = z.object({
  outcome: z.enum(['released', 'missing', 'needs_force']),
  suppression: suppression.optional(),
})

/** What a person says of an address. */
export interface SaidOfAddress {
  channel: Channel
  /** As it is kept: E.164, or an email address in lower case. */
  address: string
  reason: string
  /** The name in the token of whoever said it; undefined: the token has none. */
  by: string | undefined
  /** The only tenant whose people the token may name; undefined: everybody's. */
  tenantId: string | undefined
  eventId: string
  requestId: string
}

const compared = z.object({
  unknown: z.array(z.number()),
  released: z.array(z.object({ address: z.string(), asked: z.boolean() })),
})

/** An address that a provider of email writes to no more; `dead`: nobody asked for that. */
interface SuppressedThere {
  address: string
  since: Date
  dead: boolean
}

/** Who is not to be written to, as people see and change it. */
export const suppressionsCalls = (call: Call) => ({
  async listSuppressions(filter: {
    tenantId: string | undefined
    channel?: Channel | undefined
    address?: string | undefined
    after?: { channel: string; address: string } | undefined
    limit: number
  }) {
    return z.array(suppression).parse(
      await call('list_suppressions', {
        tenant: filter.tenantId,
        on_channel: filter.channel,
        of_address: filter.address,
        after_channel: filter.after?.channel,
        after_address: filter.after?.address,
        at_most: filter.limit,
      }),
    )
  },

  /** Where the last mails to an address came back for now, one after another; answers how many addresses are new. */
  async suppressBouncing(addresses: readonly string[]): Promise<number> {
    const args = {
      addresses: [...addresses],
      in_a_row: softBouncesInARow,
      among: mailsLookedAt,
      silent_seconds: comesBackWithinMs / 1_000,
    }
    return z.number().parse(await call('suppress_bouncing', args))
  },

  /** One who already was not to be written to stays so for the reason that there was. */
  async suppressAddress(said: SaidOfAddress) {
    const args = { said: saidRow(said, 'withdrawn'), tenant: said.tenantId }
    return suppression.parse(await call('suppress_address', args))
  },

  /** `forced`: also where its person asked not to be written to. */
  async releaseAddress(said: SaidOfAddress, forced: boolean) {
    const args = { said: saidRow(said, 'given'), tenant: said.tenantId, forced }
    return released.parse(await call('release_address', args))
  },

  /** `unknown`: the places of those whom we would still write to; `released`: those who were freed here since; `asked`: of what they had asked for. */
  async compareSuppressions(told: readonly SuppressedThere[]) {
    const rows = told.map(({ since, ...one }) => ({ ...one, since: since.toISOString() }))
    return compared.parse(await call('compare_suppressions', { told: rows }))
  },
})

function saidRow({ channel, address, reason, by, eventId, requestId }: SaidOfAddress, consent: string) {
  const withdrawn = consent === 'withdrawn'
  return {
    channel,
    address,
    reason,
    by: by ?? null,
    consent,
    type: withdrawn ? 'unsubscribed' : 'subscribed',
    provider_type: withdrawn ? 'suppressed_by_a_person' : 'released_by_a_person',
    event_id: eventId,
    request_id: requestId,
  }
}
