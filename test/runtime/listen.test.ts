import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '#src/runtime/listen.ts'

async function connected(
  handler: RequestListener,
  patience: object,
  bytes: string,
  allowHalfOpen = false,
): Promise<Socket> {
  const listener = await listen(handler, 0, '127.0.0.1', patience)
  const socket = connect({ port: Number(new URL(listener.url).port), host: '127.0.0.1', allowHalfOpen })
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

test.each([
  ['no HTTP', 'hello\r\n\r\n'],
  ['headers that do not end', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}`],
  ['half a head', 'GET / HTTP/1.1\r\n'],
])(
  'whoever sends %s does not keep the connection, though they never close it',
  async (_what, bytes) => {
    const socket = await connected(hello, { headersMs: 100, refusedMs: 50 }, bytes, true)
    // Not by `once`, for which the error of the next write is the end.
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 4/)
    // They go on, and only a connection that is gone refuses it.
    const more = setInterval(() => socket.write('x'), 20)
    await closed
    clearInterval(more)
  },
  5_000,
)

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
