import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../scripts/free-port.ts'
import { type Answered, asked, type Call, startUpstream } from './upstream.ts'

export interface Nginx {
  checked: string
  /** A loopback address that stands for Cloudflare. */
  cloudflare: string
  call(target: string, call?: Call): Promise<Answered>
  logged(untilId: string): Promise<Record<string, string>[]>
  stop(): Promise<void>
}

/** The very files, in a folder of their own: only ports, paths, the rate and the trusted peer are those of a test. */
export async function startNginx(program: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'max-comms-nginx-'))
  // Started by root, its workers are nobody: they keep large bodies in there.
  chmodSync(folder, 0o755)
  const cloudflare = '127.0.0.2'
  const upstream = await startUpstream()
  const [plainPort, tlsPort, healthPort] = [await freePort(), await freePort(), await freePort()]
  cpSync('nginx', folder, { recursive: true })
  const pem = readFileSync('test/providers/smtp/localhost.pem')
  writeFileSync(join(folder, 'certificates', 'fullchain.pem'), pem)
  writeFileSync(join(folder, 'certificates', 'privkey.pem'), pem, { mode: 0o600 })
  writeFileSync(join(folder, 'mime.types'), 'types { }\n')
  change(join(folder, 'nginx.conf'), [
    ['user nginx;', ''],
    ['pid /run/nginx.pid;', `pid ${folder}/pid;`],
    ['/dev/stderr', `${folder}/error.log`],
    ['/dev/stdout', `${folder}/access.log`],
    ['http {', `http {\n${temporaryFolders(folder)}`],
    ['server app:3000;', `server 127.0.0.1:${upstream.port};`],
    ['rate=100r/s', 'rate=1r/s'],
  ])
  change(join(folder, 'conf.d', 'api.conf'), [
    ['listen 80 default_server;', `listen 127.0.0.1:${plainPort};`],
    ['listen 443 ssl default_server;', `listen 127.0.0.1:${tlsPort} ssl;`],
  ])
  change(join(folder, 'conf.d', 'health.conf'), [['127.0.0.1:8081', `127.0.0.1:${healthPort}`]])
  change(join(folder, 'cloudflare.conf'), [
    ['real_ip_header', `set_real_ip_from ${cloudflare}/32;\nreal_ip_header`],
  ])
  const options = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  const check = spawnSync(program, [...options, '-t'], { encoding: 'utf8' })
  const checked = check.stderr + readFileSync(join(folder, 'error.log'), 'utf8')
  if (check.status !== 0) throw new Error(`nginx -t: ${checked}`)
  const running = spawn(program, [...options, '-g', 'daemon off;'], { stdio: 'inherit' })
  await listening(healthPort)
  return {
    checked,
    cloudflare,
    async call(target, call = {}) {
      const id = upstream.expect()
      const answered = await asked(call.plain ? plainPort : tlsPort, target, call, id)
      return { ...answered, seen: upstream.seen(id) }
    },
    logged: (untilId) => loggedIn(join(folder, 'access.log'), untilId),
    async stop() {
      await ended(running)
      await upstream.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Each replaced text must be there: a test of other files than those that are shipped would prove nothing. */
function change(file: string, replacements: readonly (readonly [string, string])[]): void {
  let text = readFileSync(file, 'utf8')
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    text = text.replace(from, () => to)
  }
  writeFileSync(file, text)
}

/** Debian's defaults are folders of root's. */
function temporaryFolders(folder: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${folder}/${kind};`)
    .join('\n')
}

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 15_000
  while (performance.now() < deadline) {
    if ((await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status === 204) return
    await pause(20)
  }
  throw new Error('nginx did not start')
}

async function loggedIn(file: string, untilId: string): Promise<Record<string, string>[]> {
  const deadline = performance.now() + 15_000
  while (!readFileSync(file, 'utf8').includes(untilId) && performance.now() < deadline) await pause(20)
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function ended(running: ChildProcess): Promise<void> {
  const exit = once(running, 'exit')
  running.kill('SIGTERM')
  await exit
}
