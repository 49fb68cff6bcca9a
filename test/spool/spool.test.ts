import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { draining, journals, now, spoolIn, temporaryFolder } from '#support/spool.ts'

const nothing = { records: 0, bytes: 0, oldestAt: undefined }

test('what was appended is drained once, in its order, and then nothing is left', async () => {
  const dataDir = temporaryFolder()
  const spool = await spoolIn(dataDir)
  for (const text of ['a', 'b', 'c']) await spool.append(Buffer.from(text))
  expect(spool.pending()).toEqual({ records: 3, bytes: 39, oldestAt: now() })
  const drained = draining()
  await spool.drain(drained)
  expect(drained.committed).toEqual(['a', 'b', 'c'])
  expect([spool.pending(), journals(dataDir)]).toEqual([nothing, []])
  await spool.drain(drained)
  expect(drained.committed).toHaveLength(3)
})

test('a drain that an error stops half-way keeps everything, and repeats it harmlessly', async () => {
  const dataDir = temporaryFolder()
  const spool = await spoolIn(dataDir)
  for (const text of ['a', 'b', 'c']) await spool.append(Buffer.from(text))
  const drained = draining()
  const half = async (payloads: readonly Buffer[]) => {
    await drained.commit(payloads.slice(0, 1))
    throw new Error('the database is away')
  }
  await expect(spool.drain({ ...drained, commit: half })).rejects.toThrow('away')
  expect(spool.pending()).toMatchObject({ records: 3, oldestAt: now() })
  expect(journals(dataDir)).toHaveLength(1)
  await spool.append(Buffer.from('d'))
  expect(spool.pending().records).toBe(4)
  await spool.drain(drained)
  expect(drained.committed).toEqual(['a', 'a', 'b', 'c', 'd'])
  expect([spool.pending(), journals(dataDir)]).toEqual([nothing, []])
})

test('what is appended during a drain is neither lost nor drained twice', async () => {
  const spool = await spoolIn(temporaryFolder())
  const drained = draining()
  const written: string[] = []
  let number = 0
  const append = async () => {
    const text = String(number++)
    await spool.append(Buffer.from(text))
    written.push(text)
  }
  await Promise.all(Array.from({ length: 20 }, append))
  const meanwhile: Promise<void>[] = []
  const commit = (payloads: readonly Buffer[]) => {
    if (number < 200) meanwhile.push(...payloads.flatMap(() => [append(), append()]))
    return drained.commit(payloads)
  }
  while (spool.pending().bytes > 0) {
    await spool.drain({ ...drained, commit })
    await Promise.all(meanwhile)
  }
  expect(drained.committed.toSorted()).toEqual(written.toSorted())
  expect(new Set(drained.committed).size).toBe(number)
})

test('at no moment of a drain does the spool look empty while it is not', async () => {
  const spool = await spoolIn(temporaryFolder())
  await spool.append(Buffer.from('a'))
  let committed = false
  const seen: number[] = []
  const watch = setInterval(() => committed || seen.push(spool.pending().records), 0)
  const commit = async () => {
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(3)
    committed = true
  }
  const drain = spool.drain({ ...draining(), commit })
  seen.push(spool.pending().records)
  await drain
  clearInterval(watch)
  expect(new Set(seen)).toEqual(new Set([1]))
  expect(spool.pending().records).toBe(0)
})

test('a segment whose damaged bytes cannot be kept now stays, and is drained whole later', async () => {
  const dataDir = temporaryFolder()
  const spool = await spoolIn(dataDir)
  await spool.append(Buffer.from('a'))
  const drained = draining()
  const failing = { ...drained, keepDamaged: () => Promise.reject(new Error('away')) }
  const [name = ''] = journals(dataDir)
  const path = join(dataDir, 'spool', name)
  const sound = readFileSync(path)
  writeFileSync(path, Buffer.concat([sound, Buffer.from('damage'), sound]))
  await expect(spool.drain(failing)).rejects.toThrow('away')
  expect(journals(dataDir)).toEqual([name])
  await spool.drain(drained)
  expect([drained.committed, drained.damaged.map(String)]).toEqual([['a', 'a', 'a', 'a'], ['damage']])
})

test('a torn record at the end is cut, one in the middle is kept apart', async () => {
  const dataDir = temporaryFolder()
  const spool = await spoolIn(dataDir)
  for (const text of ['first', 'second', 'third', 'torn']) await spool.append(Buffer.from(text))
  const path = join(dataDir, 'spool', journals(dataDir)[0] ?? '')
  const bytes = readFileSync(path)
  bytes.write('X', bytes.indexOf('second'))
  writeFileSync(path, bytes.subarray(0, -1))
  const drained = draining()
  await spool.drain(drained)
  expect(drained.committed).toEqual(['first', 'third'])
  expect(drained.damaged.map((record) => record.subarray(-6).toString())).toEqual(['Xecond'])
  expect(journals(dataDir)).toEqual([])
})

test('what is appended while the spool closes is kept, or refused: never acknowledged and then gone', async () => {
  const dataDir = temporaryFolder()
  const spool = await spoolIn(dataDir)
  const before = spool.append(Buffer.from('before'))
  const closed = spool.close()
  const late: Promise<string>[] = []
  const append = () =>
    late.push(
      spool.append(Buffer.from('late')).then(
        () => 'acknowledged',
        () => 'refused',
      ),
    )
  append()
  const appending = setInterval(append, 0)
  await before
  await closed
  clearInterval(appending)
  append()
  expect(new Set(await Promise.all(late))).toEqual(new Set(['refused']))
  const drained = draining()
  await (await spoolIn(dataDir)).drain(drained)
  expect(drained.committed).toEqual(['before'])
})

test('closed twice, a spool lets its folder go once', async () => {
  const dataDir = temporaryFolder()
  const spool = await spoolIn(dataDir)
  await Promise.all([spool.close(), spool.close()])
  await spool.close()
  expect(readdirSync(join(dataDir, 'spool'))).toEqual([])
})

test('a folder that cannot be written stops the boot with a line that names DATA_DIR', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(spoolIn(file)).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringContaining('DATA_DIR'),
  })
})
