import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { childEnvironment } from '../child-environment.ts'

const line = z.looseObject({ message: z.string(), level: z.string() })
const ownFile = fileURLToPath(new URL('../../src/server.ts', import.meta.url))
const bootLimitMs = 30_000

/** A drill that ends early must leave no server behind. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** One server in a process of its own. */
export interface ServerProcess {
  url: string
  pid: number
  /** How often each fact was logged. */
  facts: ReadonlyMap<string, number>
  /** The last lines that told of an error. */
  errors: readonly string[]
  /** kill -9; resolves when it is gone. */
  kill(): Promise<unknown>
  /** SIGTERM; resolves when it has ended of itself, with its exit code. */
  stop(): Promise<number | null>
  running(): boolean
}

/** Resolves when it listens; `file`: of another release; rejects with its last words where it does not come up. */
export async function bootServer(
  environment: Record<string, string>,
  port: number,
  command: readonly string[] = [],
  file = ownFile,
): Promise<ServerProcess> {
  const [program = process.execPath, ...args] = [...command, process.execPath, file]
  const child = spawn(program, args, {
    env: { ...childEnvironment, ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const facts = new Map<string, number>()
  const errors: string[] = []
  const { promise: started, resolve, reject } = Promise.withResolvers<void>()
  createInterface(child.stdout).on('line', (text) => {
    const { message, level } = line.parse(JSON.parse(text))
    facts.set(message, (facts.get(message) ?? 0) + 1)
    if (level === 'error') errors.splice(0, errors.length, ...errors.slice(-20), text)
    if (message === 'server_started') resolve()
  })
  createInterface(child.stderr).on('line', (text) => errors.push(text))
  const ended = once(child, 'close')
  const late = setTimeout(() => reject(new Error('chaos: the server did not start in 30 s')), bootLimitMs)
  void ended.then(() => reject(new Error(`chaos: the server ended: ${errors.join('\n')}`)))
  try {
    await started
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(late)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    facts,
    errors,
    kill: () => ending(child, ended, 'SIGKILL'),
    stop: () => ending(child, ended, 'SIGTERM'),
    running: () => child.exitCode === null && child.signalCode === null,
  }
}

async function ending(
  child: ChildProcess,
  ended: Promise<unknown>,
  signal: NodeJS.Signals,
): Promise<number | null> {
  child.kill(signal)
  await ended
  return child.exitCode
}

/** What `GET /health/ready` says; undefined where nobody answers. */
export async function readiness(url: string): Promise<{ status: number; text: string } | undefined> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(10_000) })
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}
