import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../scripts/free-port.ts'
import { mainOf, maps, masterOf, type Port, ports } from './postfix-settings.ts'

export interface Postfix {
  /** One server, that is stricter at some of its ports. */
  port: Readonly<Record<Port, number>>
  /** What it has logged so far. */
  log(): string
  /** Is away until `start`, which may find other maps. */
  halt(): Promise<void>
  start(changed?: Partial<typeof maps>): Promise<void>
  stop(): Promise<void>
}

/** What a small company has: Debian's Postfix, here in folders of its own, on loopback, delivering to nobody. */
export async function startPostfix(program: string): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'max-comms-postfix-'))
  // Its own user looks into it.
  chmodSync(folder, 0o755)
  const port = await freePorts()
  const config = configured(folder, port)
  const log = join(folder, 'mail.log')
  const check = spawnSync(program, ['-c', config, 'check'], { encoding: 'utf8' })
  if (check.status !== 0) throw new Error(`postfix check: ${check.stderr}`)
  const start = () => started(program, config, log, port.plain)
  let halt = await start()
  return {
    port,
    log: () => readFileSync(log, 'utf8'),
    halt: () => halt(),
    async start(changed = {}) {
      write(config, changed)
      halt = await start()
    },
    async stop() {
      await halt()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePorts(): Promise<Record<Port, number>> {
  const free = { plain: 0, tls: 0, onlyTls: 0, strict: 0, named: 0, slow: 0 }
  for (const name of ports) free[name] = await freePort()
  return free
}

function configured(folder: string, port: Readonly<Record<Port, number>>): string {
  const at = (name: string) => join(folder, name)
  for (const name of ['config', 'queue', 'data']) mkdirSync(at(name))
  chownSync(at('data'), Number(spawnSync('id', ['-u', 'postfix'], { encoding: 'utf8' }).stdout), 0)
  const pem = at('config/localhost.pem')
  copyFileSync('test/providers/smtp/localhost.pem', pem)
  chmodSync(pem, 0o600)
  write(at('config'), maps)
  writeFileSync(at('config/main.cf'), mainOf(folder))
  writeFileSync(at('config/master.cf'), masterOf(port))
  return at('config')
}

function write(config: string, texts: Partial<typeof maps>): void {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(config, name), text)
}

/** Resolves to what ends it, when it greets. */
async function started(
  program: string,
  config: string,
  log: string,
  port: number,
): Promise<() => Promise<void>> {
  const setting = ['-c', config, '-h', 'daemon_directory']
  const daemons = spawnSync(join(dirname(program), 'postconf'), setting, { encoding: 'utf8' }).stdout.trim()
  // In the foreground: it is this test's process. Its log is a file, since it cannot open a pipe by name.
  const running = spawn(join(daemons, 'master'), ['-c', config, '-s'], { stdio: 'ignore' })
  const exit = once(running, 'exit')
  for (let tries = 0; !(await greets(port)); tries += 1) {
    if (running.exitCode !== null || tries === 100)
      throw new Error(`Postfix did not start: ${readFileSync(log, 'utf8')}`)
    await pause(50)
  }
  return async () => {
    running.kill('SIGTERM')
    await exit
  }
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
