import { expect, it } from 'vitest'
import { runFile } from '#support/command.ts'

it.each([
  ['appointment', ['the meeting in the CRM: Accepted', 'the meeting in the CRM: Declined, Not Held']],
  [
    'bounce',
    [
      'it came back: 5.1.1',
      'is told 422',
      'here, and on the lists of sendgrid and resend',
      'goes out again: 200',
    ],
  ],
])('the story %s comes to its end', async (story, lines) => {
  const { code, stdout } = await runFile('scripts/demo.ts', ['--once', '--story', story])
  expect({ code, stdout }).toMatchObject({ code: 0 })
  for (const line of lines) expect(stdout).toContain(line)
  expect(stdout).toContain('The story came to its end')
})

it('a story that there is not is refused, with those that there are', async () => {
  const { code, stderr } = await runFile('scripts/demo.ts', ['--story', 'love'])
  expect(code).toBe(1)
  expect(stderr).toContain('--story must be appointment or bounce')
})
