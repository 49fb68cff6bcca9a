import { z } from 'zod'
import { unreadable } from '#src/contract/http.ts'
import type { Provider } from '#src/contract/provider.ts'
import { type ProviderState, providerEvent } from '#src/model/event.ts'
import type { Ask } from './ask.ts'

/**
 * What the instance's word for its state means. It sends as `authorized` only; in any other state it still takes messages
 * and sends them up to a day later, or drops them: https://green-api.com/en/docs/api/account/GetStateInstance/
 */
export function stateOf(word: string): ProviderState {
  return { state: word, open: word === 'authorized' }
}

const answered = z.object({ stateInstance: z.string().min(1) })

/** Asks the instance for its state. */
export function greenapiState(ask: Ask, instanceId: string, now: () => Date): NonNullable<Provider['state']> {
  return async () => {
    // Its notifications tell whole seconds: one of the second in which we ask is to outrank the answer.
    const askedAt = new Date(Math.floor(now().getTime() / 1_000) * 1_000 - 1)
    const raw = await ask('getStateInstance')
    const { data } = answered.safeParse(raw)
    if (data === undefined) throw unreadable('greenapi')
    // Kept once a day, though it is asked more often: nobody wants to read that all is well.
    const id = `${instanceId}:state:${askedAt.toISOString().slice(0, 10)}:${data.stateInstance}`
    return providerEvent(
      'greenapi',
      { id, raw, receivedAt: now() },
      {
        type: 'unknown',
        providerType: 'getStateInstance',
        occurredAt: askedAt,
        providerState: stateOf(data.stateInstance),
      },
      'poll',
    )
  }
}
