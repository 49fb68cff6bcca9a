import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'max-comms-progress-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const files = {
  'good.test.ts': `import { describe, it } from 'vitest'
it('passes', () => {})
describe('what needs a moon (there is none)', () => describe.skip('at night', () => { it('shines', () => {}); it('sets', () => {}) }))`,
  'bad.test.ts': `import { it } from 'vitest'
it('fails', () => { throw new Error('as it must') })`,
  'broken.test.ts': `throw new Error('cannot be loaded')`,
  'talkative.test.ts': `import { it } from 'vitest'
it('talks', () => { process.stdout.write('{"message":"said_aloud"}') })`,
  'vitest.config.ts': `import { Progress } from ${JSON.stringify(join(root, 'test/support/progress.ts'))}
export default { test: { reporters: [new Progress()], setupFiles: [${JSON.stringify(join(root, 'test/support/prints-nothing.ts'))}] } }`,
}

let shown = ''
beforeAll(async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const environment = { PATH: process.env.PATH, TEST_TOTALS: join(folder, 'totals') }
  shown = await new Promise((resolve) => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    execFile(process.execPath, [vitest, 'run'], { cwd: folder, env: environment }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
})

it('each file is one line when it is finished, with its time, and without colours where there is no terminal', () => {
  const lines = shown.split('\n').filter((line) => line.includes('/4 '))
  expect(lines.map((line) => line.slice(0, 3))).toEqual(['1/4', '2/4', '3/4', '4/4'])
  expect(lines).toContainEqual(
    expect.stringMatching(/^\d\/4 ✓ good\.test\.ts: 1 passed, 2 not run in \d+\.\d s$/),
  )
  expect(lines).toContainEqual(
    expect.stringMatching(/^\d\/4 ❯ bad\.test\.ts: 0 passed, 1 failed in \d+\.\d s$/),
  )
  expect(shown).not.toContain('\x1b')
})

it('what failed stands at the end, and what was not run with its reason', () => {
  const end = shown.slice(shown.lastIndexOf('4/4 '))
  for (const words of ['bad.test.ts > fails', 'as it must', 'cannot be loaded']) expect(end).toContain(words)
  expect(end).toContain('\n2 not run in: what needs a moon (there is none)\n')
})

it('what a test prints fails its file', () => {
  expect(shown).toContain('tests: printed (give the log a stream: collectedLog): {"message":"said_aloud"}')
})

it('the figures are added to the file of TEST_TOTALS: a file that cannot be loaded is a failed test', () => {
  expect(JSON.parse(readFileSync(join(folder, 'totals'), 'utf8'))).toEqual({
    passed: 2,
    failed: 3,
    notRun: { 'what needs a moon (there is none)': 2 },
  })
})
