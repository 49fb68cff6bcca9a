import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

it.each([
  ['npm run demo', ['scripts/demo.ts', '--once']],
  ['npm run chaos', ['scripts/chaos.ts', '--only', 'fuzz']],
  ['npm run bench', ['bench/main.ts', '--quick', '--rows', 'ceiling']],
  ['npm test', ['node_modules/vitest/vitest.mjs', 'run', 'test/architecture.test.ts']],
])('%s says in one line that it has no folder to work in', async (_command, args) => {
  const { DATABASE_URL: _theTests, ...own } = process.env
  const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    const environment = { ...own, TMPDIR: join(root, 'not', 'there') }
    execFile(process.execPath, args, { cwd: root, env: environment }, (error, _stdout, stderr) =>
      resolve({ code: error?.code, stderr }),
    )
  })
  expect(ended).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^TMPDIR: no folder can be made in .* \(ENOENT: .*\)\n$/),
  })
})
