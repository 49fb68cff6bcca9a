import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { inject, onTestFinished, test } from 'vitest'
import { followed } from '../docs/tutorial.ts'

/** What each tutorial tells its reader to run; of the tests those that it touches, since this run makes all others. */
const tutorials = [
  {
    page: 'docs/adding-a-provider.md',
    examples: 'docs/examples/postmule',
    commands: [
      'run lint',
      'run types',
      'test -- test/providers/postmule test/server/config.test.ts test/docs/environment.test.ts',
    ],
  },
  {
    page: 'docs/adding-a-channel.md',
    examples: 'docs/examples/telegram',
    commands: [
      'run schema',
      'run lint',
      'run types',
      'test -- test/providers/telegram test/sending/telegram.test.ts test/sending/every-field.test.ts test/schema.test.ts',
    ],
  },
]

test.each(tutorials)(
  'a reader who follows $page to the letter gets what lints, compiles and passes its tests',
  { timeout: 600_000 },
  async ({ page, examples, commands }) => {
    const folder = followed(page, examples)
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const command of commands) await npm(folder, command)
  },
)

/** An npm command in this folder. Rejects with all that it printed where it fails. */
function npm(folder: string, command: string): Promise<void> {
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|FORCE_COLOR|npm_)|^NODE_ENV$/.test(name),
  )
  const env = { ...Object.fromEntries(outside), DATABASE_URL: inject('pgUrl') }
  return new Promise((resolve, reject) => {
    execFile('npm', command.split(' '), { cwd: folder, env, maxBuffer: 10_000_000 }, (error, out, err) =>
      error ? reject(new Error(`npm ${command}:\n${stripVTControlCharacters(`${out}\n${err}`)}`)) : resolve(),
    )
  })
}
