import { AppError } from '#src/model/errors.ts'
import { keptRequest } from '#src/model/send-request.ts'
import { knownWithinMs, quietAfterOutageMs, stepLeaseMs, stepsARound } from '#src/patience.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import { type Log, withLogFields } from '#src/runtime/log.ts'
import type { Deliver } from '#src/sending/deliver.ts'
import type { ClaimedStep, DueStep } from '#src/store/calls/escalations.ts'
import type { MessageToAsk } from '#src/store/calls/events.ts'
import { StoreError } from '#src/store/database.ts'
import type { Store } from '#src/store/store.ts'

/**
 * Sends what follows where nobody was reached. Nothing is decided on old knowledge. While the database is away, or lacks
 * something for longer than a slow commit takes, no step goes out. For five minutes after we were away ourselves (a start is such a time) a step whose time has come goes out only
 * once the provider of the message before it was asked. That a message failed needs no asking. What is about an appointment
 * that is over goes out no more.
 */
export function createEscalation(options: {
  store: Store
  ingest: Pick<Ingest, 'word' | 'lacksForMs'>
  deliver: Deliver
  /** Asks the provider what became of a message and records it; whether it could be asked. */
  askAbout: (message: MessageToAsk) => Promise<boolean>
  /** Whether the appointment that was ahead when the message was asked for is over at that time. */
  over: (about: NonNullable<DueStep['about']>, since: Date, at: Date) => Promise<boolean>
  log: Log
  clock: () => number
}) {
  const { store, ingest, deliver, askAbout, over, log, clock } = options
  let awayUntil = clock()

  async function wanted(steps: DueStep[]): Promise<string[]> {
    const quiet = clock() < awayUntil + quietAfterOutageMs
    const known: DueStep[] = []
    for (const step of steps)
      if (!quiet || step.reason === 'failed' || (await askAbout(step.message))) known.push(step)
    const goOn = await Promise.all(known.map(goesOn))
    return known.flatMap(({ escalation_id: id }, index) => (goOn[index] ? [id] : []))
  }

  async function goesOn({ escalation_id: id, about, since, looked_at: at }: DueStep): Promise<boolean> {
    if (!about || !(await over(about, since, at))) return true
    await store.stopEscalation(id, 'appointment_past')
    log.info('escalation_stopped', { escalationId: id, because: 'appointment_past' })
    return false
  }

  async function send({ escalation_id: id, number }: ClaimedStep): Promise<void> {
    const key = `escalation:${id}:${number}`
    await withLogFields({ escalationId: id, step: number }, async () => {
      try {
        const { body } = await deliver({
          ...keptRequest(await store.requestOfStep(id, number)),
          escalation: { id, step: number },
          idempotency: { key, requestHash: key },
          requestId: key,
        })
        log.info('escalation_step_sent', { messageId: body.messageId, provider: body.provider })
      } catch (error) {
        await refused(id, number, error)
      }
    })
  }

  /**
   * A step that did not go out. One that was kept as a refused message, or is not wanted any more, is over. One that is not
   * possible only now is tried again when its lease ends. One that can never be sent, such as a request that another version
   * kept, is given up: it must not come back for ever.
   */
  async function refused(id: string, step: number, error: unknown): Promise<void> {
    if (error instanceof StoreError) throw error
    if (!(error instanceof AppError)) {
      log.error('escalation_step_failed', { error })
      return store.failEscalationStep(id, step, 'unexpected')
    }
    log.warn('escalation_step_refused', { code: error.code })
    if (error.code === 'send_limit' || error.code === 'escalation_over') return
    // One that was kept as a message shows its own end.
    if (error.details.messageId === undefined) await store.failEscalationStep(id, step, error.code)
  }

  return {
    async round(stopping?: AbortSignal): Promise<void> {
      if (ingest.word() === 'away' || ingest.lacksForMs() > knownWithinMs) {
        awayUntil = clock()
        return
      }
      const due = await store.dueSteps({ limit: stepsARound })
      const ids = await wanted(due)
      if (ids.length === 0 || stopping?.aborted) return
      const lease = { leaseSeconds: stepLeaseMs / 1_000 }
      const claimed = await store.claimEscalations([...new Set(ids)], lease)
      await Promise.all(claimed.map(send))
    },
  }
}
