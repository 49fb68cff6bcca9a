import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { inject, onTestFinished, test } from 'vitest'
import { followed } from './tutorial.ts'

/** The rest of `npm run check` is what this run of the tests does anyway. */
const tutorials = [
  {
    page: 'docs/adding-a-provider.md',
    examples: 'docs/examples/postmule',
    tests: ['test/providers/postmule', 'test/server/config.test.ts', 'test/docs/environment.test.ts'],
  },
  {
    page: 'docs/adding-a-channel.md',
    examples: 'docs/examples/telegram',
    tests: ['test/providers/telegram', 'test/sending/telegram.test.ts', 'test/schema.test.ts'],
  },
]

test.each(tutorials)(
  'who follows $page to the letter gets what lints, compiles and passes its tests',
  { timeout: 300_000 },
  async ({ page, examples, tests }) => {
    const folder = followed(page, examples)
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    await npm(folder, ['run', 'lint'])
    await npm(folder, ['run', 'types'])
    await npm(folder, ['test', '--', ...tests])
  },
)

/** An npm command in this folder. Rejects with all that it printed where it fails. */
function npm(folder: string, command: string[]): Promise<void> {
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|FORCE_COLOR|npm_)|^NODE_ENV$/.test(name),
  )
  const env = {
    ...Object.fromEntries(outside),
    DATABASE_URL: inject('pgUrl'),
    UPDATE_SCHEMA: '1',
  }
  return new Promise((resolve, reject) => {
    execFile('npm', command, { cwd: folder, env, maxBuffer: 10_000_000 }, (error, out, err) =>
      error
        ? reject(new Error(`npm ${command.join(' ')}:\n${stripVTControlCharacters(`${out}\n${err}`)}`))
        : resolve(),
    )
  })
}
