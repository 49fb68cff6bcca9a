import { ConfigurationError } from '#src/model/errors.ts'

/**
 * What a command line asks for, read by `read`. Throws ConfigurationError with the usage where it is not understood, as
 * `parseArgs` and `read` say by a TypeError.
 */
export function askedFor<Wish>(read: () => Wish, usage: string): Wish {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ConfigurationError(`${error.message}\n${usage}`)
  }
}
