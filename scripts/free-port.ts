import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** The preferred port of loopback if nobody has it, else any free one. */
export async function freePort(preferred = 0): Promise<number> {
  const port = (await tried(preferred)) ?? (await tried(0))
  if (port === undefined) throw new Error('no free port on 127.0.0.1 (end what holds them)')
  return port
}

async function tried(port: number): Promise<number | undefined> {
  const probe = createServer()
  try {
    probe.listen(port, '127.0.0.1')
    await once(probe, 'listening')
    const address: AddressInfo | string | null = probe.address()
    return typeof address === 'object' && address !== null ? address.port : undefined
  } catch {
    return undefined
  } finally {
    probe.close()
  }
}
