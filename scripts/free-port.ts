import { once } from 'node:events'
import { createServer } from 'node:net'
import { ConfigurationError } from '#src/model/errors.ts'

/**
 * Below the ports that systems give to those who ask for any: nobody gets one of these between its choice and its use. Above
 * those that fetch refuses to call, the last of which is 10080 (https://fetch.spec.whatwg.org/#port-blocking).
 */
const lowest = 10_100
const highest = 32_000
/** The range of a process: those that run at the same time have other numbers, and so other ports. */
const range = 16
let asked = 0

/**
 * The preferred port of loopback if nobody has it, else one that no server or connection of another process is given
 * meanwhile.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred
  if (asked > highest) throw new ConfigurationError('127.0.0.1: has no free port (end what holds them)')
  const port = lowest + ((process.pid * range + asked++) % (highest - lowest))
  return (await isFree(port)) ? port : freePort()
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  probe.listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
  } catch {
    return false
  }
  probe.close()
  await once(probe, 'close')
  return true
}
