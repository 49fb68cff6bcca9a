import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { attached, attachedText } from '#src/model/attached.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { jsonParts } from '#src/model/large-json.ts'
import { holderOf, lockFolder } from '#src/runtime/lock.ts'
import { schemaMismatch } from '#src/store/migrate.ts'
import { openDatabase } from '#src/store/open.ts'
import { createStore } from '#src/store/store.ts'
import { ThreadEnded, threadedPglite } from '#src/store/threaded.ts'

const payloadOf = z.object({ a: z.string(), attachments: z.array(z.object({ content: attached })) })

const dataDir = mkdtempSync(join(tmpdir(), 'max-comms-data-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(dataDir, { recursive: true, force: true })
})

// Starts the embedded database twice, one after the other: seconds each, more on a busy machine.
it('the folder belongs to one process; after its SIGKILL the next one opens it and finds what was written', async () => {
  const child = holder()
  const messageId = await firstLine(child)
  const refused = openDatabase({ dataDir })
  await expect(refused).rejects.toBeInstanceOf(ConfigurationError)
  await expect(refused).rejects.toThrow(
    `the data folder ${dataDir} is in use by another process (pid ${child.pid}): stop it, or set DATABASE_URL`,
  )

  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  const store = createStore(await openDatabase({ dataDir }))
  expect(await schemaMismatch(store)).toBeUndefined()
  expect(await store.getMessage(messageId, undefined, false)).not.toBeNull()
  expect(store.name).toBe(`embedded database in ${dataDir}`)
  await store.close()
  await expect(store.listMessages({ limit: 1 })).rejects.toMatchObject({ sqlstate: '08006', away: true })
}, 180_000)

it('a lock is held once within a process as well, and free again after its release', () => {
  const folder = mkdtempSync(join(dataDir, 'lock-'))
  const lock = lockFolder(folder)
  expect(lockFolder(folder)).toBeUndefined()
  expect(holderOf(folder)).toBe(String(process.pid))
  lock?.release()
  lock?.release()
  lockFolder(folder)?.release()
})

it('a folder that cannot be written stops with a line that names it', () => {
  expect(() => lockFolder(join(dataDir, 'not', 'there'))).toThrow(
    /the folder .* cannot be written \(see DATA_DIR\)/,
  )
})

function holder(): ChildProcess {
  const file = fileURLToPath(new URL('../support/hold-folder.ts', import.meta.url))
  const child = spawn(process.execPath, [file, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout) for await (const line of createInterface(child.stdout)) return line
  throw new Error('test: the child ended without a line')
}

it('a thread that has ended says so, and why, to all who wait and all who come', async () => {
  const database = await threadedPglite(mkdtempSync(join(dataDir, 'thread-')))
  // @ts-expect-error: nothing that is asked may be of another type; this one ends the thread.
  const broken = database.query(1, [])
  const [one, other] = await Promise.allSettled([broken, database.query('select 1', [])])
  const ended = expect.objectContaining({
    message: expect.stringMatching(/^the embedded database has ended \(.+\): start the server again$/s),
  })
  expect([one, other]).toEqual([
    { status: 'rejected', reason: ended },
    { status: 'rejected', reason: ended },
  ])
  await expect(database.query('select 1', [])).rejects.toBeInstanceOf(ThreadEnded)
  await database.close()
}, 180_000)

it('what is attached goes to the thread in parts and comes back as its bytes', async () => {
  const database = await threadedPglite(mkdtempSync(join(dataDir, 'thread-')))
  const content = Buffer.alloc(600_001, 'abcd').toString('base64')
  const payload = {
    a: 'é👍'.repeat(200_000),
    attachments: [{ content: new Uint8Array(Buffer.from(content)) }],
  }
  const parts = jsonParts(payload)
  const answer = payloadOf.parse(await database.query('select $1::jsonb as result', [parts]))
  expect(answer.a === payload.a).toBe(true)
  expect(answer.attachments.map((one) => attachedText(one.content) === content)).toEqual([true])
  expect(answer.attachments[0]?.content).toBeInstanceOf(Uint8Array)
  expect(payload.attachments[0]?.content.byteLength).toBe(content.length)
  await database.close()
}, 180_000)
