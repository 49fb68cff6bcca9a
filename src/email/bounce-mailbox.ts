import type { ReturnPaths } from '#src/contract/return-path.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import type { MailboxPlace } from '#src/store/calls/mailboxes.ts'
import type { Store } from '#src/store/store.ts'
import { type OpenMailbox, openMailbox, type ReadMail } from './imap-mailbox.ts'
import { type MailboxFault, mailboxFault } from './mailbox-fault.ts'
import {
  longestPauseMs,
  lookBackMs,
  lookEveryMs,
  mostUnread,
  toldEveryMs,
  triedEveryMs,
} from './mailbox-patience.ts'
import type { MailboxSettings } from './mailbox-settings.ts'
import { createReportReader } from './report-reader.ts'

export type BounceMailbox = ReturnType<typeof createBounceMailbox>

/** So many mails are read before it is kept how far. */
const keptEvery = 20

/**
 * The mailbox that reports come to: one process of those that share the database reads it, and how far is kept there. The mailbox
 * itself is left as it is, so that people may read it too. What cannot be kept now is read again.
 */
export function createBounceMailbox(options: {
  settings: MailboxSettings
  paths: ReturnPaths | undefined
  store: Pick<Store, 'holdMailbox' | 'keepMailbox' | 'leaveMailbox' | 'mailSentTo'>
  ingest: Pick<Ingest, 'record'>
  owner: string
  log: Log
  now: () => Date
  clock: () => number
}) {
  const { settings, store, owner, log, now, clock } = options
  const name = `${settings.host} ${settings.user}`
  const recordReport = createReportReader(options)
  let session: OpenMailbox | undefined
  let fault: MailboxFault | undefined
  /** The mail that reading failed at last, and how often in a row. */
  let stuck = { uid: 0, times: 0 }
  let pauseMs = 0
  let nextAt = Number.NEGATIVE_INFINITY
  let toldAt = Number.NEGATIVE_INFINITY

  async function look(place: MailboxPlace | undefined, stopping: AbortSignal): Promise<void> {
    session ??= await opened(stopping)
    await readNew(session, place, stopping)
    pauseMs = 0
    if (fault) log.info('bounce_mailbox_read_again')
    fault = undefined
    if (!stopping.aborted) await session.changed(lookEveryMs, stopping)
  }

  async function opened(stopping: AbortSignal): Promise<OpenMailbox> {
    const mailbox = await openMailbox(settings, stopping)
    log.info('bounce_mailbox_opened', { uidValidity: mailbox.uidValidity })
    return mailbox
  }

  /** From where it was read last; its mails are numbered anew where its validity is another, and read again from some days ago. */
  async function readNew(
    mailbox: OpenMailbox,
    place: MailboxPlace | undefined,
    stopping: AbortSignal,
  ): Promise<void> {
    const { uidValidity, lastBefore } = mailbox
    const known = place?.uidValidity === uidValidity
    const since = new Date(now().getTime() - lookBackMs)
    const uids = known ? await mailbox.after(place.lastUid) : await mailbox.since(since)
    let kept = known ? place.lastUid : undefined
    for (const [index, uid] of uids.entries()) {
      if (stopping.aborted) return
      const skipped = stuck.uid === uid && stuck.times >= mostUnread
      if (skipped) skip(uid)
      else await read(await mailAt(mailbox, uid))
      if ((skipped || (index + 1) % keptEvery === 0) && !(await keep(uidValidity, uid))) return
      kept = uid
    }
    const lastUid = known ? kept : Math.max(kept ?? 0, lastBefore)
    if (lastUid !== undefined && (!known || lastUid > place.lastUid)) await keep(uidValidity, lastUid)
  }

  /** One that ends the connection whenever it is read would keep all that come after it from being read. */
  async function mailAt(mailbox: OpenMailbox, uid: number): Promise<ReadMail | undefined> {
    try {
      return await mailbox.read(uid)
    } catch (error) {
      stuck = { uid, times: stuck.uid === uid ? stuck.times + 1 : 1 }
      throw error
    }
  }

  function skip(uid: number): void {
    log.warn('bounce_mail_skipped', { uid })
    pauseMs = 0
  }

  async function read(one: ReadMail | undefined): Promise<void> {
    if (one?.mail) await recordReport(one.mail, one.arrivedAt)
  }

  async function keep(uidValidity: number, lastUid: number): Promise<boolean> {
    return store.keepMailbox(name, owner, { uidValidity, lastUid })
  }

  async function letGo(): Promise<void> {
    const open = session
    session = undefined
    await open?.close()
  }

  /** Another process may have more luck; told once, and again where the cause is another or an hour has passed. */
  async function failed(error: unknown): Promise<void> {
    await letGo()
    await store.leaveMailbox(name, owner).catch(() => undefined)
    pauseMs = Math.min(Math.max(2 * pauseMs, triedEveryMs), longestPauseMs)
    nextAt = clock() + pauseMs
    const met = mailboxFault(error)
    // That the database or the disk takes nothing is told by those who ask them.
    if (!met) return
    const known = fault?.code === met.code && clock() < toldAt + toldEveryMs
    fault = met
    if (known) return
    toldAt = clock()
    log.warn('bounce_mailbox_not_read', { ...met })
  }

  return {
    async round(stopping: AbortSignal): Promise<void> {
      if (clock() < nextAt) return
      try {
        const holding = await store.holdMailbox(name, owner)
        if (holding.held) return await look(holding.place, stopping)
        await letGo()
        nextAt = clock() + triedEveryMs
      } catch (error) {
        if (!stopping.aborted) await failed(error)
      }
    },

    /** Why it cannot be read; undefined: it is, or another process reads it. */
    fault: (): MailboxFault | undefined => fault,

    /** Lets another process have it at once. */
    async close(): Promise<void> {
      await letGo()
      await store.leaveMailbox(name, owner).catch(() => undefined)
    },
  }
}
