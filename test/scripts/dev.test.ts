import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { childEnvironment } from '../../scripts/child-environment.ts'
import { readable } from '../../scripts/dev/readable.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('a line of the log is written to be read, and anything else stays as it is', () => {
  const line = JSON.stringify({
    level: 'warn',
    message: 'failed_over',
    timestamp: '2026-11-29T10:20:30.400Z',
    runId: 'r',
    provider: 'twilio',
    detail: 'two words',
    count: 3,
  })
  expect(stripVTControlCharacters(readable(line))).toMatch(
    /^\d\d:20:30 failed_over provider=twilio detail="two words" count=3$/,
  )
  expect(readable('  max-comms listens')).toBe('  max-comms listens')
  expect(readable('{"level":"info"}')).toBe('{"level":"info"}')
})

it('npm run dev starts the server again when its code changes, with JSON where nobody looks, and ends it too', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'dev-'))
  for (const name of ['src', 'routes', 'actions', 'providers', 'migrations', 'scripts', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const environment = { ...childEnvironment, PORT: '0', DATA_DIR: join(copy, 'data') }
  const dev = spawn(process.execPath, ['scripts/dev.ts'], { cwd: copy, env: environment })
  const lines: string[] = []
  dev.stdout.on('data', (bytes) => lines.push(...String(bytes).split('\n').filter(Boolean)))
  const started = () => lines.filter((line) => line.includes('"message":"server_started"')).length
  try {
    await expect.poll(started, { timeout: 60_000 }).toBe(1)
    writeFileSync(join(copy, 'migrations', 'note.sql'), '-- changed')
    await expect.poll(started, { timeout: 60_000 }).toBe(2)
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
  } finally {
    dev.kill('SIGTERM')
    const [code] = await once(dev, 'exit')
    expect(code).toBe(0)
    expect(lines.filter((line) => line.includes('server_stopped'))).toHaveLength(2)
    rmSync(copy, { recursive: true, force: true })
  }
}, 180_000)
