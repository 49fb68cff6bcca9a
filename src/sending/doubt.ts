import { refusesUs } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { keptAddress } from '#src/model/mailbox.ts'
import { codeWord, ours } from '#src/model/public-reason.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Tried } from './attempt-end.ts'
import { doubtEvent } from './attempt-events.ts'
import { createDeadRuns } from './dead-runs.ts'
import { senderWord } from './sender.ts'

export type Doubt = ReturnType<typeof createDoubt>

/** Whether a provider that calls an address dead is to be believed. */
export function createDoubt({ ingest, log }: { ingest: Pick<Ingest, 'record'>; log: Log }) {
  const runs = createDeadRuns()

  /** Those who were called dead before are so no more: nobody is silenced by a mistake of ours. */
  async function takeBack(
    tried: Tried,
    believed: readonly { messageId: string; address: string }[],
  ): Promise<void> {
    const { provider, message, attempt, at } = tried
    const events = believed.map((one) => ({
      event: doubtEvent({ ...one, provider: provider.name, channel: message.channel, at }),
      requestId: attempt.requestId,
    }))
    await ingest.record({ events, outcomes: [] }).catch((error: unknown) => {
      log.error('dead_not_taken_back', { provider: provider.name, error })
    })
  }

  return {
    taken({ provider, message }: Tried): void {
      runs.taken(`${provider.name} ${senderWord(provider, message)}`)
    },

    /** What an error says, where it is believed; one of so many in a row is our own fault. */
    async of(error: ProviderError, tried: Tried): Promise<ProviderError> {
      const { provider, message } = tried
      if (!error.bounced) return error
      const called = { messageId: message.id, address: keptAddress(message.to) }
      const doubted = runs.note(`${provider.name} ${senderWord(provider, message)}`, called)
      if (!doubted) return error
      if (doubted.believed.length > 0) await takeBack(tried, doubted.believed)
      const who = codeWord(provider.name)
      const reason = ours`${who}: calls one address after another dead, which is more likely about our sender (look at what it says: ${error.message})`
      return new ProviderError(provider.name, 'retryable', reason, {
        ...refusesUs('sender'),
        providerCode: error.providerCode,
        stopsProvider: doubted.news,
      })
    },
  }
}
