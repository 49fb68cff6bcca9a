import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '#src/runtime/listen.ts'

async function connected(handler: RequestListener, patience: object, bytes: string): Promise<Socket> {
  const listener = await listen(handler, 0, '127.0.0.1', patience)
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1')
  onTestFinished(async () => {
    socket.destroy()
    await listener.close()
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

const hello: RequestListener = (_request, response) => void response.end('hello')

test.each([
  ['head', 'GET / HTTP/1.1\r\nHost: x\r\n'],
  ['body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'],
])('a request whose %s does not come to its end is answered 408 and cut', async (_what, bytes) => {
  const reading: RequestListener = (request, response) => {
    request.on('error', () => {})
    request.resume().once('end', () => response.end())
  }
  const socket = await connected(reading, { requestMs: 200, headersMs: 100 }, bytes)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /)
  expect(String(answer)).toContain('"code":"too_slow"')
  await once(socket, 'close')
})

test('an answer that nobody takes is let go', async () => {
  const closed = Promise.withResolvers<boolean>()
  const large: RequestListener = (_request, response) => {
    response.once('close', () => closed.resolve(response.writableFinished))
    response.end(Buffer.alloc(50_000_000))
  }
  const socket = await connected(large, { takenMs: 200 }, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  socket.pause()
  expect(await closed.promise).toBe(false)
})

test('an answer that is taken leaves its connection open', async () => {
  const socket = await connected(hello, { takenMs: 50 }, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  await new Promise((resolve) => setTimeout(resolve, 150))
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const [again] = await once(socket, 'data')
  expect(String(again)).toContain('hello')
})
