import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { fromSendgrid, knock } from '#support/signed.ts'
import { startWorld } from '#support/world.ts'

const large = 4_900_000

test('a large webhook is read when those before it are done; a small one waits for nobody', async () => {
  const world = await startWorld()
  onTestFinished(() => world.stop())
  const slow = [announce(world.url), announce(world.url)]
  onTestFinished(() => slow.forEach((socket) => void socket.destroy()))
  // Each is asked to go on with its body: it has its room.
  for (const socket of slow) expect(await said(socket)).toMatch(/^HTTP\/1.1 100/)
  let answered = false
  const third = knock(world.url, fromSendgrid(`[${' '.repeat(large)}]`)).finally(() => {
    answered = true
  })
  for (let number = 0; number < 20; number++)
    expect((await knock(world.url, fromSendgrid([]))).status).toBe(200)
  expect(answered).toBe(false)
  // One goes away without its body: its room is the next one's.
  slow[0]?.destroy()
  expect((await third).status).toBe(200)
})

/** A webhook that says how large its body is, and sends none of it. */
function announce(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const head = ['POST /webhooks/sendgrid HTTP/1.1', `Host: ${hostname}`, `Content-Length: ${large}`]
  socket.write(`${[...head, 'Expect: 100-continue'].join('\r\n')}\r\n\r\n`)
  return socket
}

function said(socket: Socket): Promise<string> {
  return new Promise((resolve) => socket.once('data', (bytes) => resolve(String(bytes))))
}
