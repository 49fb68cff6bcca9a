import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

/** A program of the machine that npm does not install. */
export interface Need {
  program: string
  /** Where it lies; undefined: it is not there. */
  found: string | undefined
  /** What Debian calls the package that has it. */
  debian: string
  /** Why it does not run for this user, though it is installed: no error even where it is required. */
  unfit?: string | undefined
}

/** Where a program lies: on PATH, or where Debian puts what root runs, which is not on the PATH of others. */
export function onPath(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

/**
 * A group of tests that use the program. Where it is missing they are not run, and the title of the group says why; with
 * WORLD=required, which .ci/run sets where it has installed the programs, that is an error.
 */
export function describeWith(
  { program, found, debian, unfit }: Need,
  title: string,
  tests: (found: string) => void,
): void {
  const reason = `${program}: is not installed (apt-get install ${debian})`
  if (found !== undefined && unfit !== undefined)
    describe.skip(`${title}; ${program}: ${unfit}`, () => tests(found))
  else if (found !== undefined) describe(title, () => tests(found))
  else if (process.env.WORLD === 'required') throw new Error(reason)
  else describe.skip(`${title}; ${reason}`, () => tests(program))
}
