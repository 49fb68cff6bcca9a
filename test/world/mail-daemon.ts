import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Starts Postfix by its own folder of settings, after a check of them. Resolves to what ends it, when it greets at this port. */
export async function startedPostfix(
  program: string,
  config: string,
  port: number,
  said: () => string,
): Promise<() => Promise<void>> {
  const check = spawnSync(program, ['-c', config, 'check'], { encoding: 'utf8' })
  if (check.status !== 0) throw new Error(`postfix check: ${check.stderr}`)
  const setting = ['-c', config, '-h', 'daemon_directory']
  const daemons = spawnSync(join(dirname(program), 'postconf'), setting, { encoding: 'utf8' }).stdout.trim()
  // In the foreground: it is this test's process. Its log is a file, since it cannot open a pipe by name.
  return startedDaemon(join(daemons, 'master'), ['-c', config, '-s'], port, said)
}

/** Resolves to what ends it, when it greets. `said`: its log, for the error where it does not. */
export async function startedDaemon(
  program: string,
  args: readonly string[],
  port: number,
  said: () => string,
): Promise<() => Promise<void>> {
  const running = spawn(program, args, { stdio: 'ignore' })
  const exit = once(running, 'exit')
  for (let tries = 0; !(await greets(port)); tries += 1) {
    if (running.exitCode !== null || tries === 100) throw new Error(`${program} did not start: ${said()}`)
    await pause(50)
  }
  return async () => {
    running.kill('SIGTERM')
    await exit
  }
}

/** The number of a user of this machine. */
export function userId(name: string): number {
  return Number(spawnSync('id', ['-u', name], { encoding: 'utf8' }).stdout)
}

async function greets(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1')
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(5_000) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
