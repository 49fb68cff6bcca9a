import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { type Figures, figuresSchema } from './figures.ts'
import type { Order } from './load.ts'

const file = fileURLToPath(new URL('load.ts', import.meta.url))

/** Has another process make the requests. Gives the figures of the last stretch; throws unless each was answered 2xx. */
export async function drive(order: Order): Promise<Figures> {
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(order)], {
    maxBuffer: 1e7,
  })
  const told = z.array(figuresSchema).parse(JSON.parse(stdout))
  const refused = told.find(({ requests, acknowledged }) => requests !== acknowledged)
  if (refused)
    throw new Error(`bench: only ${refused.acknowledged} of ${refused.requests} requests were answered 2xx`)
  const last = told.at(-1)
  if (!last) throw new Error('bench: nothing was measured')
  return last
}

/** The memory a process holds, in megabytes. */
export async function rssMb(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout.trim()) / 1_024
}
