import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { draining, spoolIn, temporaryFolder } from '#support/spool.ts'

/** A disk of one megabyte; undefined where this machine does not let us mount one. */
function smallDisk(): string | undefined {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

/** Appends numbered records of 10 KB until the disk refuses; gives those that were acknowledged. */
async function fill(
  append: (payload: Buffer) => Promise<void>,
  from: number,
  most: number,
): Promise<number[]> {
  const acknowledged: number[] = []
  for (let number = from; number < from + most; number++) {
    try {
      await append(Buffer.from(`${number}:`.padEnd(10_240, 'x')))
      acknowledged.push(number)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
      return acknowledged
    }
  }
  return acknowledged
}

test('a full disk refuses, loses nothing that it acknowledged, and goes on when it has room', async ({
  skip,
}) => {
  const dataDir = smallDisk()
  if (dataDir === undefined) return skip('no tmpfs can be mounted here')
  const ballast = join(dataDir, 'ballast')
  writeFileSync(ballast, Buffer.alloc(512 * 1024))
  const spool = await spoolIn(dataDir)
  const before = await fill(spool.append, 0, 200)
  expect(before.length).toBeGreaterThan(10)
  expect(before.length).toBeLessThan(60)
  expect(await fill(spool.append, 1_000, 5)).toEqual([])
  rmSync(ballast)
  const after = await fill(spool.append, 2_000, 20)
  expect(after).toHaveLength(20)
  const drained = draining()
  await spool.drain(drained)
  expect(drained.committed.map((text) => Number.parseInt(text, 10))).toEqual([...before, ...after])
  expect(drained.damaged).toEqual([])
})

test('a disk that is full to its last byte is adopted and drained all the same', async ({ skip }) => {
  const dataDir = smallDisk()
  if (dataDir === undefined) return skip('no tmpfs can be mounted here')
  const [own, other] = [await spoolIn(dataDir), await spoolIn(dataDir)]
  const acknowledged = await fill(other.append, 0, 200)
  await other.close()
  execFileSync('sh', ['-c', `cat /dev/zero > ${join(dataDir, 'ballast')} 2> /dev/null || true`])
  await expect(own.append(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' })
  const drained = draining()
  await own.drain(drained)
  expect(drained.committed).toHaveLength(acknowledged.length)
  expect(own.pending().bytes).toBe(0)
})
