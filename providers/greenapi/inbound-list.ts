import { z } from 'zod'
import type { Provider } from '#src/contract/provider.ts'
import type { Media } from '#src/model/came.ts'
import type { Ask } from './ask.ts'
import { asIncoming, type JournalItem, journalItems } from './journal.ts'
import { journalEvent, minutesSince, type OneInstance } from './journal-event.ts'

const earlierMs = 60_000
const longestMinutes = 1_440

/** What people wrote in chats of two, as far as a day back; the journal does not say to which number of ours. */
export function greenapiInboundSince(
  ask: Ask,
  reader: OneInstance,
  now: () => Date,
): NonNullable<Provider['inboundSince']> {
  let own: string | undefined
  return async (since) => {
    const earliest = since.getTime() - earlierMs
    const minutes = String(Math.min(minutesSince(earliest, now()), longestMinutes))
    const items = journalItems(await ask('lastIncomingMessages', { query: { minutes } })).filter(
      ({ type, timestamp }) => type !== 'outgoing' && (timestamp ?? 0) * 1_000 >= earliest,
    )
    own ??= items.some(hidesTheNumber) ? await ownChat(ask) : undefined
    return items
      .map((item) => {
        const known = own === undefined && hidesTheNumber(item) ? { ...item, senderId: undefined } : item
        return journalEvent(item, asIncoming(reader.instanceId, known, own), reader, now())
      })
      .filter(({ type, inbound }) => type === 'received' && !inbound?.media?.some(saidAnew))
      .sort((one, other) => one.occurredAt.getTime() - other.occurredAt.getTime())
  }
}

/** Of a `…@lid` the sender tells the number: the customer's or, in some versions, our own (event.ts). */
function hidesTheNumber({ chatId, senderId }: JournalItem): boolean {
  return /@(?:hosted\.)?lid$/.test(chatId) && Boolean(senderId) && senderId !== chatId
}

const settings = z.object({ wid: z.string().min(1) })

/** https://green-api.com/en/docs/api/account/GetSettings/; undefined where it does not say. */
async function ownChat(ask: Ask): Promise<string | undefined> {
  return settings.safeParse(await ask('getSettings')).data?.wid
}

/** Its notification has another shape and thereby another id: told twice it would be asked about twice. */
function saidAnew({ kind }: Media): boolean {
  return kind === 'edit' || kind === 'deletion' || kind === 'vote'
}
