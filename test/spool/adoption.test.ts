import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { draining, journals, spoolIn, temporaryFolder } from '#support/spool.ts'

/** Another process with a spool in this folder, which has made these words durable. */
async function holder(dataDir: string, words: string[]): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('hold-spool.ts', import.meta.url))
  const child = spawn(process.execPath, [file, dataDir, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface(child.stdout)) if (line === '.') return child
  throw new Error('test: the holder ended')
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

test('the folder of a living process is left alone, and that of a killed one is adopted', async () => {
  const dataDir = temporaryFolder()
  const other = await holder(dataDir, ['a', 'b'])
  const spool = await spoolIn(dataDir)
  const drained = draining()
  expect(spool.pending().bytes).toBeGreaterThan(0)
  await spool.drain(drained)
  expect(drained.committed).toEqual([])
  expect(spool.pending()).toMatchObject({ records: 0, bytes: 26, oldestAt: expect.any(Date) })
  await killed(other)
  await spool.drain(drained)
  expect(drained.committed).toEqual(['a', 'b'])
  expect(spool.pending()).toEqual({ records: 0, bytes: 0, oldestAt: undefined })
  expect(readdirSync(join(dataDir, 'spool'))).toHaveLength(1)
})

test('of two that find the folder of a killed process, one drains it', async () => {
  const dataDir = temporaryFolder()
  await killed(await holder(dataDir, ['a', 'b']))
  const [first, second] = [await spoolIn(dataDir), await spoolIn(dataDir)]
  const drained = draining()
  await Promise.all([first.drain(drained), second.drain(drained)])
  expect(drained.committed).toEqual(['a', 'b'])
})

test('an adopted folder whose drain an error stops is adopted again', async () => {
  const dataDir = temporaryFolder()
  await killed(await holder(dataDir, ['a', 'b']))
  const spool = await spoolIn(dataDir)
  const away = { ...draining(), commit: () => Promise.reject(new Error('away')) }
  await expect(spool.drain(away)).rejects.toThrow('away')
  expect(spool.pending().bytes).toBeGreaterThan(0)
  const drained = draining()
  await spool.drain(drained)
  expect(drained.committed).toEqual(['a', 'b'])
})

test('what cannot be drained of another does not hold up our own', async () => {
  const dataDir = temporaryFolder()
  await killed(await holder(dataDir, ['theirs']))
  const spool = await spoolIn(dataDir)
  await spool.append(Buffer.from('ours'))
  const drained = draining()
  const commit = async (payloads: readonly Buffer[]) => {
    if (payloads.map(String).includes('theirs')) throw new Error('cannot be read')
    return drained.commit(payloads)
  }
  await expect(spool.drain({ ...drained, commit })).rejects.toThrow('cannot be read')
  expect(drained.committed).toEqual(['ours'])
  expect(spool.pending().bytes).toBeGreaterThan(0)
})

test('a spool that is closed with records in it is adopted, an empty one disappears', async () => {
  const dataDir = temporaryFolder()
  const [full, empty] = [await spoolIn(dataDir), await spoolIn(dataDir)]
  await full.append(Buffer.from('a'))
  await full.close()
  await empty.close()
  expect([readdirSync(join(dataDir, 'spool')).length, journals(dataDir).length]).toEqual([1, 1])
  const drained = draining()
  await (await spoolIn(dataDir)).drain(drained)
  expect(drained.committed).toEqual(['a'])
})

test('what lies in the folder and is not a spool is neither read nor in the way', async () => {
  const dataDir = temporaryFolder()
  mkdirSync(join(dataDir, 'spool', 'lost+found'), { recursive: true })
  writeFileSync(join(dataDir, 'spool', '.DS_Store'), 'x')
  const spool = await spoolIn(dataDir)
  await spool.append(Buffer.from('a'))
  const drained = draining()
  await spool.drain(drained)
  expect(drained.committed).toEqual(['a'])
  expect(readdirSync(join(dataDir, 'spool'))).toEqual(expect.arrayContaining(['.DS_Store', 'lost+found']))
})

test('a folder with a file that no spool writes is emptied of its records and otherwise left', async () => {
  const dataDir = temporaryFolder()
  await killed(await holder(dataDir, ['theirs']))
  const [name = ''] = readdirSync(join(dataDir, 'spool'))
  writeFileSync(join(dataDir, 'spool', name, 'note.txt'), 'x')
  const spool = await spoolIn(dataDir)
  const drained = draining()
  await spool.drain(drained)
  await spool.drain(drained)
  expect(drained.committed).toEqual(['theirs'])
  expect(readdirSync(join(dataDir, 'spool', name))).toContain('note.txt')
  await spool.close()
  expect(readdirSync(join(dataDir, 'spool'))).toEqual([name])
})

test('spools that are opened while others drain all get a folder of their own', async () => {
  const dataDir = temporaryFolder()
  const drainer = await spoolIn(dataDir)
  const children = Array.from({ length: 4 }, () => holder(dataDir, ['x']))
  let opening = true
  const opened = Promise.all(children).finally(() => {
    opening = false
  })
  while (opening) await drainer.drain(draining())
  expect(new Set(journals(dataDir).map((path) => path.slice(0, 36))).size).toBe(4)
  await Promise.all((await opened).map(killed))
})
