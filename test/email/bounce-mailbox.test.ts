import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { logged } from '#support/sends.ts'
import { startWorld } from '#support/world.ts'

/** A server that takes connections and never says a word. */
async function silent(): Promise<{ port: number; connections: () => number }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined))).listen(0)
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => sockets.length,
  }
}

test('a mailbox whose server is silent holds up neither the start nor the stop', async () => {
  const { port, connections } = await silent()
  const world = await startWorld({
    workerEveryMs: 20,
    environment: {
      BOUNCE_IMAP_HOST: '127.0.0.1',
      BOUNCE_IMAP_PORT: String(port),
      BOUNCE_IMAP_USER: 'bounces@comms.example',
      BOUNCE_IMAP_PASSWORD: 'the-password',
    },
  })
  await vi.waitFor(() => expect(connections()).toBe(1), { timeout: 5_000 })
  expect((await world.call('GET', '/api/messages')).status).toBe(200)
  const from = performance.now()
  await world.stop()
  expect(performance.now() - from).toBeLessThan(5_000)
  expect(logged(world, 'bounce_mailbox_not_read')).toEqual([])
  expect(world.logLines.join('')).not.toContain('the-password')
})
