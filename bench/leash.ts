/**
 * For a process that another one started with a pipe as its stdin: says what the other waits for, and ends where the pipe
 * does, however the other died.
 */
export function onLeash(said: unknown, stop: () => Promise<void> | void): void {
  process.stdin.resume()
  process.stdin.once('end', () => void Promise.resolve(stop()).finally(() => process.exit(0)))
  // Ctrl-C reaches the whole group: the parent decides, by the leash.
  process.removeAllListeners('SIGINT')
  process.on('SIGINT', () => {})
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
