import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { emptied } from '#support/stores.ts'
import { aliasSuite } from './aliases.ts'
import { attemptSuite } from './attempts.ts'
import { bodySuite } from './bodies.ts'
import { circumstanceSuite } from './circumstances.ts'
import { deadLetterSuite } from './dead-letters.ts'
import { errorSuite } from './errors.ts'
import { escalationSuite } from './escalations.ts'
import { eventSuite } from './events.ts'
import { factSuite } from './facts.ts'
import { failOverSuite } from './fail-over.ts'
import { jobSuite } from './jobs.ts'
import { listSuite } from './lists.ts'
import { mailboxSuite } from './mailboxes.ts'
import { providerStateSuite } from './provider-states.ts'
import { readingSuite } from './readings.ts'
import { recalledSuite } from './recalled.ts'
import { replaySuite } from './replay.ts'
import { reserveSuite } from './reserve.ts'
import { stoppedEscalationSuite } from './stopped-escalations.ts'
import { suppressionSuite } from './suppressions.ts'
import { templateSuite } from './templates.ts'
import { turnSuite } from './turns.ts'
import { valueSuite } from './values.ts'

/** What a store promises, whichever driver and whichever PostgreSQL it has: the suite that each of them must pass. */
export function storeConformance(open: () => Promise<TestStore>): void {
  let opened: TestStore
  beforeAll(async () => {
    opened = await open()
  })
  beforeEach(() => emptied(opened))
  afterAll(() => opened?.drop())
  const current = () => opened

  describe('reserve_messages', () => reserveSuite(current))
  describe('record_events keeps and matches', () => eventSuite(current))
  describe('record_events stamps', () => factSuite(current))
  describe('record_events takes values', () => valueSuite(current))
  describe('attempts', () => attemptSuite(current))
  describe('fail-over', () => failOverSuite(current))
  describe('dead letters', () => deadLetterSuite(current))
  describe('replay', () => replaySuite(current))
  describe('of an event each field', () => readingSuite(current))
  describe('replay recalls', () => recalledSuite(current))
  describe('lists', () => listSuite(current))
  describe('bodies', () => bodySuite(current))
  describe('templates', () => templateSuite(current))
  describe('circumstances', () => circumstanceSuite(current))
  describe('turns', () => turnSuite(current))
  describe('suppressions', () => suppressionSuite(current))
  describe('aliases', () => aliasSuite(current))
  describe('provider states', () => providerStateSuite(current))
  describe('mailboxes', () => mailboxSuite(current))
  describe('jobs', () => jobSuite(current))
  describe('escalations', () => escalationSuite(current))
  describe('stopped escalations', () => stoppedEscalationSuite(current))
  describe('errors', () => errorSuite(current))
}
