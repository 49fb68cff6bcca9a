import type { Pace } from '#src/carriers/pace.ts'
import type { Provider } from '#src/contract/provider.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { hour } from '#src/patience.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Store } from '#src/store/store.ts'

export type Turns = ReturnType<typeof createTurns>

/** Keeps what goes to a provider apart that takes so many an hour and no more, whichever process hands it over. */
export function createTurns(tools: { store: Pick<Store, 'takeTurn'>; pace: Pick<Pace, 'rests'>; log: Log }) {
  const { store, pace, log } = tools
  return {
    /** For how long a message waits for its turn; undefined: it goes now. `inLine`: it has waited until it was due. */
    async waitsMs(
      provider: Provider,
      message: OutgoingMessage,
      inLine: boolean,
    ): Promise<number | undefined> {
      if (provider.perHour === undefined) return undefined
      const gapMs = hour / provider.perHour
      try {
        const { granted, waitMs } = await store.takeTurn(message.id, provider.name, { inLine, gapMs })
        // One that stands behind others says nothing of when the next one goes.
        if (granted || inLine) pace.rests(provider.name, waitMs)
        return granted ? undefined : waitMs
      } catch (error) {
        // Nobody knows whose turn it is.
        log.warn('turn_not_known', { provider: provider.name, messageId: message.id, error })
        return gapMs
      }
    },
  }
}
