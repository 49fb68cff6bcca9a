import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** A process of the bench beside this one, ready. */
export interface Host {
  url: string
  /** Variables for a server that is to talk to it. */
  environment: Record<string, string>
  pid: number
  stop(): Promise<void>
}

const ready = z.object({ url: z.string(), environment: z.record(z.string(), z.string()).default({}) })

/** Starts a file of bench/ that says `{"url": …}` on one line when it is ready, and ends with its stdin (leash.ts). */
export async function startHost(
  file: string,
  argument: unknown = null,
  nodeOptions: readonly string[] = [],
): Promise<Host> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [...nodeOptions, path, JSON.stringify(argument)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('{')) continue
    const said = ready.parse(JSON.parse(line))
    child.stdout.resume()
    return {
      ...said,
      pid: child.pid ?? 0,
      async stop() {
        child.stdin.end()
        await ended
      },
    }
  }
  throw new Error(`bench: ${file} did not start`)
}
