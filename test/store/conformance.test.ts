import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { emptied, testStores } from '#support/stores.ts'
import { aliasSuite } from './conformance/aliases.ts'
import { attemptSuite } from './conformance/attempts.ts'
import { circumstanceSuite } from './conformance/circumstances.ts'
import { deadLetterSuite } from './conformance/dead-letters.ts'
import { errorSuite } from './conformance/errors.ts'
import { escalationSuite } from './conformance/escalations.ts'
import { eventSuite } from './conformance/events.ts'
import { factSuite } from './conformance/facts.ts'
import { failOverSuite } from './conformance/fail-over.ts'
import { jobSuite } from './conformance/jobs.ts'
import { listSuite } from './conformance/lists.ts'
import { providerStateSuite } from './conformance/provider-states.ts'
import { readingSuite } from './conformance/readings.ts'
import { recalledSuite } from './conformance/recalled.ts'
import { replaySuite } from './conformance/replay.ts'
import { reserveSuite } from './conformance/reserve.ts'
import { templateSuite } from './conformance/templates.ts'
import { valueSuite } from './conformance/values.ts'

describe.each(testStores)('by the driver $name', ({ open }) => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await open()
  })
  beforeEach(() => emptied(opened))
  afterAll(() => opened?.drop())
  const current = () => opened

  describe('reserve_message', () => reserveSuite(current))
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
  describe('templates', () => templateSuite(current))
  describe('circumstances', () => circumstanceSuite(current))
  describe('aliases', () => aliasSuite(current))
  describe('provider states', () => providerStateSuite(current))
  describe('jobs', () => jobSuite(current))
  describe('escalations', () => escalationSuite(current))
  describe('errors', () => errorSuite(current))
})
