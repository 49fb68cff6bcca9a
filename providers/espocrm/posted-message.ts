import { type CrmRecord, type DeliveryFacts, isFailure, type TracedMessage } from '#src/contract/crm.ts'
import { type Espo, isRecord } from './espo.ts'
import { postOnce } from './stream.ts'
import { failureText, messageText, unsentText } from './stream-text.ts'
import { tagOf } from './tag.ts'

/** Messages in the stream of their person, else of what they are about; of one with neither nothing can be shown. */
export interface PostedMessages {
  trace(message: TracedMessage): Promise<void>
  /** Notes only what went wrong: a post for each receipt would bury the conversation. */
  tell(message: TracedMessage, facts: DeliveryFacts): Promise<void>
  /** The note of what went wrong alone. */
  tellFailure(message: TracedMessage, facts: DeliveryFacts): Promise<void>
}

export function postedMessages(espo: Espo): PostedMessages {
  async function trace(message: TracedMessage): Promise<void> {
    const about = placeOf(message)
    if (about) await postOnce(espo, about, tagOf('m', message.id), messageText(message, espo))
  }

  async function tellFailure(message: TracedMessage, facts: DeliveryFacts): Promise<void> {
    const about = placeOf(message)
    const text = failureText(message, facts, espo)
    if (about && text !== undefined) await postOnce(espo, about, tagOf('f', message.id), text)
  }

  async function tellUnsent(message: TracedMessage, facts: DeliveryFacts): Promise<void> {
    const about = placeOf(message)
    if (about) await postOnce(espo, about, tagOf('u', message.id), unsentText(message, facts, espo))
  }

  return {
    trace,
    tellFailure,
    async tell(message, facts) {
      if (!isFailure(facts.status)) return
      if (message.unsent) return tellUnsent(message, facts)
      await trace(message)
      await tellFailure(message, facts)
    },
  }
}

function placeOf({ person, parent }: TracedMessage): CrmRecord | undefined {
  return [person, parent].find(isRecord)
}
