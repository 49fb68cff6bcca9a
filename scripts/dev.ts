import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { runCommand } from './command.ts'
import { readable } from './dev/readable.ts'

const usage = `usage: npm run dev
  the server, started again whenever its code, SQL or .env changes; on a terminal its log is written to be read`
const watched = ['src', 'routes', 'actions', 'providers', 'migrations', '.env']
/** An editor writes a file in several steps. */
const settleMs = 150

/** `npm run dev`: the server while one works on it. */
async function dev(): Promise<void> {
  const changed = changes()
  let stopping = false
  let server = start()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stopping = true
      changed.wake()
    })
  while (!stopping) {
    const file = await changed.next()
    if (stopping) break
    console.error(`dev: ${file} changed, starting again`)
    await end(server)
    server = start()
  }
  await end(server)
  changed.close()
}

function start(): ChildProcess {
  const legible = process.stdout.isTTY
  const server = spawn(process.execPath, ['src/server.ts'], {
    stdio: ['ignore', legible ? 'pipe' : 'inherit', 'inherit'],
    // What a terminal's Ctrl-C says goes to this process alone, which ends the server in its own time.
    detached: true,
  })
  if (server.stdout)
    createInterface({ input: server.stdout }).on('line', (line) => console.log(readable(line)))
  server.once('exit', (code, signal) => {
    if (code !== 0 && signal === null)
      console.error('dev: the server ended; it starts again when a file changes')
  })
  return server
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill('SIGTERM')
  await exited
}

/** The next file that changed, once whoever writes it is done. */
function changes() {
  let wake: (file: string) => void = () => {}
  const watchers = watched
    .filter(existsSync)
    .map((place) =>
      watch(place, { recursive: true }, (_event, name) => wake(place === name ? place : `${place}/${name}`)),
    )
  return {
    async next(): Promise<string> {
      const file = await new Promise<string>((resolve) => {
        wake = resolve
      })
      await new Promise((resolve) => setTimeout(resolve, settleMs))
      return file
    },
    wake: () => wake(''),
    close: () => watchers.forEach((watcher) => void watcher.close()),
  }
}

await runCommand({ usage, read: () => parseArgs({}), run: dev })
