import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runFile } from '#support/command.ts'

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))

/** The commands that are ours: what they run with Node. */
const commands = Object.entries(scripts).flatMap(([name, line]) => {
  const [, file] = /^node .*?([\w/]+\.ts)$/.exec(line) ?? []
  return file === undefined ? [] : [{ name, file }]
})

describe.each(commands)('npm run $name', ({ name, file }) => {
  it('prints its usage on --help, and ends with 0', async () => {
    const ended = await runFile(file, ['--help'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(new RegExp(`^usage: npm (run )?${name}\\b`))
  })

  it('refuses an option that it does not know, and says how it is used', async () => {
    const ended = await runFile(file, ['--nonsense'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('--nonsense')
    expect(ended.stderr).toContain(`usage: npm `)
    expect(ended.stderr).not.toContain('    at ')
  })
})

it('every command is looked at here', () => {
  expect(commands.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['start', 'dev', 'demo', 'chaos', 'bench', 'sandbox', 'migrate', 'token', 'sql']),
  )
})
