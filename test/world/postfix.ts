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
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/free-port.ts'
import { startedPostfix, userId } from './mail-daemon.ts'
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
  const start = () => startedPostfix(program, config, port.plain, () => readFileSync(log, 'utf8'))
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
  chownSync(at('data'), userId('postfix'), 0)
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
