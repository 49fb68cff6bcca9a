import { once } from 'node:events'
import { type FetchMessageObject, type FetchQueryObject, ImapFlow } from 'imapflow'
import { reachOf } from '#src/contract/reach.ts'
import type { MailboxSettings } from './mailbox-settings.ts'
import { headerPart, mailOfParts, reportHeadersIn, reportParts, saysReport } from './report-parts.ts'

/** A mail that may be a report, as far as it was read. */
export interface ReadMail {
  uid: number
  /** Of the report's parts alone; undefined: it is something else, and none of it was read but a few headers. */
  mail: Buffer | undefined
  arrivedAt: Date
}

export type OpenMailbox = Awaited<ReturnType<typeof openMailbox>>

/** The longest piece that a server may send: it says how long before it does. */
const longestPiece = 1024 * 1024
const answersMs = 30_000

/**
 * The inbox, opened to be looked at only (EXAMINE): no mail in it can become seen, move or go. Rejects where it cannot be opened;
 * errors of IMAP carry the login, so what is told of them is `mailboxFault`.
 */
export async function openMailbox(
  { host, port, secure, user, password }: MailboxSettings,
  stopping: AbortSignal,
) {
  const client = new ImapFlow({
    host,
    port,
    secure,
    ...(!secure && { doSTARTTLS: reachOf(host.toLowerCase()) !== 'machine' }),
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
    maxLiteralSize: longestPiece,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 2 * answersMs,
  })
  // Told by the call that is under way; without anybody who listens it would end the process.
  client.on('error', () => undefined)
  // A server that is silent holds up no stop.
  const close = () => client.close()
  stopping.addEventListener('abort', close, { once: true })
  client.once('close', () => stopping.removeEventListener('abort', close))
  try {
    await client.connect()
    const opened = await client.mailboxOpen('INBOX', { readOnly: true })
    return reading(client, Number(opened.uidValidity), Number(opened.uidNext) - 1)
  } catch (error) {
    client.close()
    throw error
  }
}

function reading(client: ImapFlow, uidValidity: number, lastBefore: number) {
  let news = false
  client.on('exists', () => {
    news = true
  })

  async function found(query: object): Promise<number[]> {
    const uids = await client.search(query, { uid: true })
    if (!uids) throw new Error('the server answers no search')
    return uids.toSorted((one, other) => one - other)
  }

  async function fetched(uid: number, query: FetchQueryObject): Promise<FetchMessageObject | undefined> {
    const seen = await client.fetchOne(String(uid), { uid: true, ...query }, { uid: true })
    // Of a connection that has ended it says no more than of a mail that is gone.
    if (!seen && !client.usable) throw new Error('the connection ended')
    return seen || undefined
  }

  return {
    uidValidity,
    /** The last mail that was there when it was opened, or is gone by now. */
    lastBefore,

    /** The numbers of the mails after this one, the oldest first. */
    async after(uid: number): Promise<number[]> {
      // The last mail is always in a range that is open at its end.
      return (await found({ uid: `${uid + 1}:*` })).filter((one) => one > uid)
    },

    /** The numbers of those that came since that day. */
    since: (day: Date): Promise<number[]> => found({ since: day }),

    /** Undefined: it is gone. */
    async read(uid: number): Promise<ReadMail | undefined> {
      const seen = await fetched(uid, { internalDate: true, bodyStructure: true, bodyParts: [headerPart] })
      if (!seen) return undefined
      const { bodyStructure, internalDate } = seen
      const headers = reportHeadersIn(seen.headers)
      const arrivedAt = new Date(internalDate ?? Number.NaN)
      const parts = bodyStructure && reportParts(bodyStructure)
      const alone = parts?.[0]?.key === 'TEXT'
      if (!parts || (alone && !saysReport(headers.toString('latin1'))))
        return { uid, mail: undefined, arrivedAt }
      const bodies = (await fetched(uid, { bodyParts: parts }))?.bodyParts
      if (!bodies) return undefined
      return { uid, mail: mailOfParts(headers, bodyStructure.parameters?.boundary, bodies), arrivedAt }
    },

    /** Until a mail comes, the time is over or the connection is; the server is asked to tell (IDLE). */
    async changed(withinMs: number, stopping: AbortSignal): Promise<void> {
      const over = new AbortController()
      const signal = AbortSignal.any([over.signal, stopping, AbortSignal.timeout(withinMs)])
      const told = ['exists', 'close'].map((event) => once(client, event, { signal }).catch(() => undefined))
      // Ends with the next command.
      void client.idle().catch(() => undefined)
      // What came while mails were read was told then.
      if (!news) await Promise.race(told)
      news = false
      over.abort()
      if (!client.usable) throw new Error('the connection ended')
    },

    async close(): Promise<void> {
      await Promise.race([
        client.logout().catch(() => undefined),
        once(client, 'close').catch(() => undefined),
      ])
      client.close()
    },
  }
}
