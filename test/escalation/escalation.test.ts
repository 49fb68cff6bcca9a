import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createEscalation } from '#src/escalation/escalation.ts'
import { AppError } from '#src/model/errors.ts'
import type { EscalationStep } from '#src/model/send-request.ts'
import type { SendAnswer } from '#src/sending/answer.ts'
import { StoreError } from '#src/store/database.ts'
import { createStore } from '#src/store/store.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, customer, event, newMessage, record, reserving } from '#support/facts.ts'
import { collectedLog } from '#support/log-lines.ts'
import { emptied } from '#support/stores.ts'

const { log, lines } = collectedLog()
let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterAll(() => opened?.drop())

const step: EscalationStep = {
  channel: 'sms',
  afterSeconds: 900,
  unless: 'delivered',
  request: { message: { channel: 'sms', tenantId: 'acme', to: customer, body: 'Hi' }, language: 'fr' },
}

/** A message that failed, so that the first of its two steps is due. */
async function failed(): Promise<string> {
  const wanted = newMessage({ escalation: { steps: [step, step] } })
  const messageId = wanted.message.id
  await opened.store.reserveMessage(wanted, reserving)
  await record(opened.store, [event({ messageId, type: 'failed' })], [accepted(messageId, 'SM1')])
  return messageId
}

/** One round, in which a step's send ends so. */
async function round(deliver: () => Promise<SendAnswer>): Promise<void> {
  const escalation = createEscalation({
    store: createStore(opened.database, () => new Date(Date.now() + 1_000)),
    ingest: { word: () => 'there', lacksForMs: () => 0 },
    deliver,
    askAbout: async () => true,
    over: async () => false,
    log,
    clock: () => 0,
  })
  await escalation.round()
}

async function steps(id: string) {
  const rows = await opened.query(
    'select state, reason from escalation_steps where escalation_id = $1 order by number',
    [id],
  )
  return rows.map(({ state, reason }) => [state, reason])
}

it('a step that is over the send limit now is tried again, and no other instead', async () => {
  const id = await failed()
  await round(() => Promise.reject(new AppError('send_limit', 429, 'sending: over the limit (wait)')))
  expect(await steps(id)).toEqual([
    ['claimed', 'failed'],
    ['waiting', null],
  ])
})

it('a step whose request cannot be read is given up, and the next one is due', async () => {
  const id = await failed()
  await opened.query(`update escalation_steps set request = '{"kept": "otherwise"}' where number = 1`)
  await round(() => Promise.reject(new Error('not reached')))
  expect(await steps(id)).toEqual([
    ['failed', 'unexpected'],
    ['waiting', 'failed'],
  ])
  expect(lines()).toMatchObject([{ message: 'escalation_step_failed', step: 1, error: { name: 'ZodError' } }])
})

it('a step that the database was away for is tried again', async () => {
  const id = await failed()
  await expect(round(() => Promise.reject(new StoreError('08006', 'away')))).rejects.toThrow('away')
  expect(await steps(id)).toEqual([
    ['claimed', 'failed'],
    ['waiting', null],
  ])
})
