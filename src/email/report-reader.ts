import type { ReturnPaths } from '#src/contract/return-path.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Store } from '#src/store/store.ts'
import { reportOf } from './report.ts'
import { reportEvents } from './report-events.ts'
import type { Report } from './reported.ts'

/** Keeps what a mail reports, as webhooks are kept. Rejects where it cannot be kept now: then the mail is to be read again. */
export function createReportReader(options: {
  paths: ReturnPaths | undefined
  store: Pick<Store, 'mailSentTo'>
  ingest: Pick<Ingest, 'record'>
  log: Log
  now: () => Date
}) {
  const { paths, store, ingest, log, now } = options

  return async function record(mail: Buffer, arrivedAt: Date): Promise<void> {
    const report = await read(mail)
    if (!report) return
    if (report.recipients.length === 0) return quarantine(mail, 'smtp: a report that names no recipient')
    const receivedAt = now()
    const told = { ...report, at: report.at ?? arrivedAt }
    const events = await reportEvents(told, receivedAt, { paths, sentTo: store.mailSentTo })
    const refused = await ingest.record({ events: events.map((event) => ({ event, requestId: undefined })) })
    log.info('report_recorded', {
      events: events.length - refused,
      quarantined: refused,
      told: events.map(({ messageId, type }) => ({ messageId, type })),
    })
  }

  /** What it is made of comes from strangers: one that cannot be taken apart holds up no other. */
  async function read(mail: Buffer): Promise<Report | undefined> {
    try {
      return await reportOf(mail)
    } catch (error) {
      log.error('item_reading_failed', { provider: 'smtp', error })
      await quarantine(mail, 'smtp: reading failed here (see item_reading_failed in the log)')
      return undefined
    }
  }

  async function quarantine(bytes: Buffer, reason: string): Promise<void> {
    const item = { provider: 'smtp', bytes, reason, requestId: undefined, receivedAt: now() }
    await ingest.record({ quarantined: [item] })
    log.warn('report_quarantined', { reason })
  }
}
