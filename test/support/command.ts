import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../scripts/child-environment.ts'

export interface Ended {
  code: unknown
  stdout: string
  stderr: string
}

/**
 * Runs one of our commands, by its file from the project's root, where no `.env` lies and with no variable but these; what
 * `input` holds is typed into it.
 */
export function runFile(
  file: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  { cwd = tmpdir(), input = '' }: { cwd?: string; input?: string } = {},
): Promise<Ended> {
  const path = fileURLToPath(new URL(`../../${file}`, import.meta.url))
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path, ...args],
      { cwd, env: { ...childEnvironment, ...environment } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
    child.stdin?.end(input)
  })
}
