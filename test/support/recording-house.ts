import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signToken } from '#src/api/token.ts'
import { openProviders } from '#src/carriers/providers.ts'
import { readConfig } from '#src/config.ts'
import type { ProviderEntry } from '#src/contract/provider.ts'
import { createHouse } from '#src/house.ts'
import { ProviderError } from '#src/model/errors.ts'
import { channels, type OutgoingMessage } from '#src/model/message.ts'
import { listen } from '#src/runtime/listen.ts'
import { openSpool } from '#src/spool/spool.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { collectedLog } from './log-lines.ts'

/** A house whose one provider keeps what it was given. */
export interface RecordingHouse {
  database: TestDatabase
  /** What it was given for this message, attempt by attempt. */
  given(messageId: string): OutgoingMessage[]
  /** One request to the API, as tenant `t1`; its answer's JSON. */
  post(path: string, body: unknown): Promise<unknown>
  stop(): Promise<void>
}

export const recorder = 'recorder'

/** Refuses for good what `refuses` says; takes everything else, but not at once: at the second attempt. */
export async function startRecordingHouse(
  refuses: (message: OutgoingMessage) => boolean,
): Promise<RecordingHouse> {
  const given: OutgoingMessage[] = []
  const of = (id: string) => given.filter((message) => message.id === id)
  const entry: ProviderEntry = {
    name: recorder,
    channels,
    paths: [],
    sendsWith: [],
    hearsWith: [],
    create: async () => ({
      name: recorder,
      channels,
      // What it is given it gets as it was asked for.
      tracks: () => ({ opens: true, clicks: true }),
      async send(message) {
        given.push(message)
        if (refuses(message)) throw new ProviderError(recorder, 'permanent', 'refused')
        if (of(message.id).length === 1) throw new ProviderError(recorder, 'retryable', 'busy')
        return {
          providerMessageId: message.id,
          eventId: message.id,
          type: 'sent',
          providerType: 'taken',
          raw: null,
        }
      },
    }),
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'max-comms-test-'))
  const now = () => new Date()
  const clock = () => performance.now()
  const { log } = collectedLog()
  const config = readConfig({ DATA_DIR: dataDir, JWT_SECRET: 'the-secret-of-the-tests-only-0123456789' })
  const database = await testDatabase()
  const { store } = database
  const providers = await openProviders(
    [entry],
    {},
    { baseUrl: undefined, country: config.country, now, clock },
    config.wanted,
  )
  const spool = await openSpool({ dataDir, log, now })
  const around = { crm: undefined, appointmentTypes: [], owner: 'recording', workerEveryMs: 20 }
  const house = createHouse({ config, providers, store, spool, log, now, clock, ...around })
  const listener = await listen(house.app, 0, '127.0.0.1')
  house.start()
  const token = await signToken(config.jwtSecrets[0] ?? '', { tenantId: 't1', expires: '1h' })
  return {
    database,
    given: of,
    async post(path, body) {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
      return (
        await fetch(`${listener.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      ).json()
    },
    async stop() {
      await listener.close()
      await house.stop()
      await spool.close()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
