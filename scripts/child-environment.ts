import { fileURLToPath } from 'node:url'

/**
 * What a process that we start is given besides its own variables. What was compiled for one is kept for the next: most of
 * the time that a start takes.
 */
export const childEnvironment: Record<string, string> = {
  PATH: process.env.PATH ?? '',
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)),
}
