import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { runFile } from '#support/command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const demo = { command: 'npm run demo', file: 'scripts/demo.ts', args: ['--once'] }
const chaos = { command: 'npm run chaos', file: 'scripts/chaos.ts', args: ['--only', 'fuzz'] }
const bench = { command: 'npm run bench', file: 'bench/main.ts', args: ['--quick', '--rows', 'ceiling'] }
const tests = {
  command: 'npm test',
  file: 'node_modules/vitest/vitest.mjs',
  args: ['run', 'test/architecture.test.ts'],
}

it.each([demo, chaos, bench, tests])(
  '$command says in one line that it has no folder to work in',
  async ({ file, args }) => {
    const TMPDIR = join(root, 'not', 'there')
    expect(await runFile(file, args, { TMPDIR }, { cwd: root })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^TMPDIR: no folder can be made in .* \(ENOENT: .*\)\n$/),
    })
  },
)

it.each([bench, tests])(
  '$command says in one line that nothing answers at DATABASE_URL',
  async ({ file, args }) => {
    const DATABASE_URL = 'postgresql://u:secret@127.0.0.1:1/db'
    expect(await runFile(file, args, { DATABASE_URL }, { cwd: root })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^PostgreSQL at 127\.0\.0\.1:1\/db: cannot be reached \(ECONNREFUSED: .*\)\n$/,
      ),
    })
  },
)
