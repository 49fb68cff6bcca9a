import type { Provider } from '#src/contract/provider.ts'
import type { Media } from '#src/model/came.ts'
import type { Ask } from './ask.ts'
import { asIncoming, journalItems } from './journal.ts'
import { journalEvent, minutesSince, type OneInstance } from './journal-event.ts'

const earlierMs = 60_000
const longestMinutes = 1_440

/** What people wrote in chats of two, as far as a day back; the journal does not say to which number of ours. */
export function greenapiInboundSince(
  ask: Ask,
  reader: OneInstance,
  now: () => Date,
): NonNullable<Provider['inboundSince']> {
  return async (since) => {
    const earliest = since.getTime() - earlierMs
    const minutes = String(Math.min(minutesSince(earliest, now()), longestMinutes))
    const items = journalItems(await ask('lastIncomingMessages', { query: { minutes } }))
    return items
      .filter(({ type, timestamp }) => type !== 'outgoing' && (timestamp ?? 0) * 1_000 >= earliest)
      .map((item) => journalEvent(item, asIncoming(reader.instanceId, item), reader, now()))
      .filter(({ type, inbound }) => type === 'received' && !inbound?.media?.some(saidAnew))
      .sort((one, other) => one.occurredAt.getTime() - other.occurredAt.getTime())
  }
}

/** Its notification has another shape and thereby another id: told twice it would be asked about twice. */
function saidAnew({ kind }: Media): boolean {
  return kind === 'edit' || kind === 'deletion' || kind === 'vote'
}
