import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** The preferred port if nobody has it, else any free one. */
export async function freePort(preferred: number): Promise<number> {
  return (await tried(preferred)) ?? (await tried(0)) ?? preferred
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
