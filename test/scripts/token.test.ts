import { expect, it } from 'vitest'
import { accessOf } from '#src/api/token.ts'
import { runFile } from '#support/command.ts'

const JWT_SECRET = 'the-secret-of-the-tests-only-0123456789'
const token = (expires: string) =>
  runFile('scripts/token.ts', ['--tenant', 't1', '--expires', expires], { JWT_SECRET })

it.each(['12h', '365d', '400d'])('makes a token for %s', async (expires) => {
  const { code, stdout } = await token(expires)
  expect(code).toBe(0)
  expect(await accessOf(stdout.trim(), [JWT_SECRET])).toMatchObject({ tenantId: 't1' })
})

it.each(['401d', '100y', '9999999999y'])('makes none for %s, and says so in one line', async (expires) => {
  expect(await token(expires)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^token: --expires is longer than 400 days \(.*\)\n$/),
  })
})
