import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { TestStore } from '#support/database.ts'
import { emptied, testStores } from '#support/stores.ts'
import { attemptSuite } from './conformance/attempts.ts'
import { errorSuite } from './conformance/errors.ts'
import { eventSuite } from './conformance/events.ts'
import { factSuite } from './conformance/facts.ts'
import { listSuite } from './conformance/lists.ts'
import { replaySuite } from './conformance/replay.ts'
import { reserveSuite } from './conformance/reserve.ts'
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
  describe('replay', () => replaySuite(current))
  describe('lists', () => listSuite(current))
  describe('errors', () => errorSuite(current))
})
