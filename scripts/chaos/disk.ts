import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '#src/model/errors.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { account, endAttempts, type Figures } from './account.ts'
import { readiness } from './server.ts'
import { fromSendgrid, post, sendgridEvent } from './signed.ts'
import { type ChaosWorld, type Drill, startChaosWorld } from './world.ts'

/** A small disk, or a small limit of a file's size where none can be mounted. */
interface SmallDisk {
  dataDir: string
  /** What starts the server on it. */
  command: readonly string[]
  makeRoom(pid: number): void
  close(): void
}

/**
 * The database is away and the disk is full: 503 with Retry-After, and nothing that was acknowledged is lost, also when the
 * server is killed there. Then there is room, and it goes on.
 */
export async function diskDrill({ postgres, say }: Drill): Promise<Figures> {
  const disk = smallDisk()
  const world = await startChaosWorld(postgres, 1, disk.dataDir)
  const wrong: string[] = []
  const notes: string[] = []
  try {
    const server = await world.boot(0, disk.command)
    await tell(world)
    await postgres.crash()
    const before = await tellUntilRefused(world)
    if (before.retryAfter === null) wrong.push('503 without Retry-After')
    say(`full after ${before.acknowledged} webhooks and ${world.spooled()} bytes`)
    for (let number = 0; number < 20; number++)
      if ((await tell(world)).status !== 503 && number > 10) wrong.push('a full disk did not answer 503')
    const ready = await readiness(world.baseUrl)
    if (ready?.status !== 503) wrong.push(`a server that can keep nothing says ready ${ready?.status}`)
    disk.makeRoom(server.pid)
    const { status } = await tell(world)
    if (status !== 200) wrong.push(`with room again it answered ${status}`)
    const after = await tellUntilRefused(world, 100)
    notes.push(`full after ${before.acknowledged} webhooks; ${after.acknowledged} more when it had room`)
    await server.kill()
    await postgres.start()
    await world.boot(0, disk.command)
    await world.drained()
    await world.servers[0]?.stop()
    await endAttempts(world.databaseUrl)
    const figures = await account('disk full', world.databaseUrl, world.ledger, world.sandbox)
    figures.wrong.push(...wrong)
    figures.notes.push(...notes)
    return figures
  } finally {
    await world.close().catch(() => {})
    disk.close()
  }
}

async function tell(world: ChaosWorld): Promise<{ status: number | undefined; retryAfter: string | null }> {
  const markers = Array.from({ length: 20 }, () => randomUUID())
  for (const marker of markers) world.ledger.events.set(marker, false)
  const response = await post(
    world.baseUrl,
    fromSendgrid(Buffer.from(JSON.stringify(markers.map(sendgridEvent)))),
  )
  if (response?.ok) for (const marker of markers) world.ledger.events.set(marker, true)
  return { status: response?.status, retryAfter: response?.headers.get('retry-after') ?? null }
}

async function tellUntilRefused(
  world: ChaosWorld,
  most = 2_000,
): Promise<{ acknowledged: number; retryAfter: string | null }> {
  for (let acknowledged = 0; acknowledged < most; acknowledged++) {
    const { status, retryAfter } = await tell(world)
    if (status === 503) return { acknowledged, retryAfter }
    if (status !== 200) throw new Error(`chaos: a full disk was answered ${status}`)
  }
  return { acknowledged: most, retryAfter: null }
}

function smallDisk(): SmallDisk {
  const dataDir = temporaryFolder('max-comms-chaos-disk-')
  const ballast = join(dataDir, 'ballast')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'tmpfs', dataDir], { stdio: 'ignore' })
  } catch {
    needsPrlimit()
    const command = ['sh', '-c', 'ulimit -S -f 512; exec "$0" "$@"']
    const makeRoom = (pid: number) =>
      void execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited'])
    return { dataDir, command, makeRoom, close: () => {} }
  }
  writeFileSync(ballast, Buffer.alloc(1_500_000))
  return {
    dataDir,
    command: [],
    makeRoom: () => rmSync(ballast),
    close() {
      execFileSync('umount', ['-l', dataDir])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function needsPrlimit(): void {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new ConfigurationError(
      'chaos: a small disk needs mount, which only root may do, or prlimit (install util-linux, or leave the drill out with --only)',
      { cause },
    )
  }
}
