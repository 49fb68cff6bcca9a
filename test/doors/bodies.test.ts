import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { errorAnswer } from '#routes/errors.ts'
import { readBody } from '#routes/read-body.ts'
import { AppError } from '#src/model/errors.ts'
import { listen } from '#src/runtime/listen.ts'
import { createRoom } from '#src/runtime/room.ts'
import { bySendgrid, bySms, person, receivedBy, send } from '#support/sends.ts'
import { silentLog } from '#support/spool.ts'
import { startWorld, type World } from '#support/world.ts'

const megabyte = 1_048_576

let world: World
let authorization: string
beforeAll(async () => {
  world = await startWorld()
  authorization = `Authorization: Bearer ${await world.token('t1')}`
})
afterAll(() => world.stop())

/** A request whose head and these first bytes of its body are sent, and no more. */
function begin(url: string, path: string, headers: string[], body = ''): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  const head = [`POST ${path} HTTP/1.1`, `Host: ${hostname}`, 'Content-Type: application/json', ...headers]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  return socket
}

/** The status of what comes back. */
async function answered(socket: Socket): Promise<number> {
  const [bytes] = await once(socket, 'data')
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(String(bytes))?.[1])
}

const api = (path: string, headers: string[], body?: string) =>
  begin(world.url, path, [authorization, ...headers], body)

describe('a body is refused before it has come', () => {
  test('where it says that it is too large', async () => {
    const size = `Content-Length: ${25 * megabyte + 1}`
    expect(await answered(api('/api/max/actions', [size]))).toBe(413)
    expect(await answered(api('/api/sms/send', [`Content-Length: ${megabyte + 1}`]))).toBe(413)
    expect(await answered(begin(world.url, '/webhooks/resend', [`Content-Length: ${6 * megabyte}`]))).toBe(
      413,
    )
  })

  test('where it does not say so and is too large all the same', async () => {
    const chunks = `10000\r\n${'a'.repeat(65_536)}\r\n`.repeat(17)
    expect(await answered(api('/api/sms/send', ['Transfer-Encoding: chunked'], chunks))).toBe(413)
  })

  test.each([
    ['many keys', '"k":1,'],
    ['many values', '"k":[0,0,0,0],'],
    ['many levels', '"k":['],
  ])('where it has too %s', async (_what, part) => {
    const size = `Content-Length: ${23 * megabyte}`
    expect(await answered(api('/api/max/actions', [size], `{${part.repeat(30_000)}`))).toBe(400)
  })
})

test('whoever goes on and on with a refused body is cut', async () => {
  const socket = api('/api/max/actions', ['Transfer-Encoding: chunked'])
  const cut = new Promise((resolve) => socket.once('close', resolve))
  const chunk = `100000\r\n${'a'.repeat(megabyte)}\r\n`
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', more)
  more()
  await cut
})

describe('only an email may be large', () => {
  const file = { filename: 'a.pdf', content: Buffer.alloc(2 * megabyte).toString('base64') }

  test('with its attachments, also as what follows an SMS', async () => {
    const email = { to: person(bySendgrid, 'ok'), subject: 'A', body: 'a', attachments: [file] }
    expect((await send(world, bySendgrid, email.to, { attachments: [file] })).status).toBe(200)
    const escalate = [{ action: 'sendEmail', params: email, after: '1h', unless: 'delivered' }]
    expect((await send(world, bySms, person(bySms, 'ok'), { escalate })).status).toBe(200)
  })

  test('with its attachments, also beside very many quotes', async () => {
    const body = '<a href="x">"</a>'.repeat(12_000)
    const answer = await send(world, bySendgrid, person(bySendgrid, 'ok'), { body, attachments: [file] })
    expect(answer.status).toBe(200)
  })

  test('and no other action', async () => {
    const to = person(bySms, 'ok')
    const answer = await send(world, bySms, to, { metadata: { file: file.content } })
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } })
    expect(receivedBy(world, to)).toEqual([])
  })
})

test('large requests wait for one another, small ones for nobody', async () => {
  const large = `Content-Length: ${25 * megabyte}`
  const slow = [api('/api/max/actions', [large]), api('/api/max/actions', [large])]
  const attachments = [{ filename: 'a', content: Buffer.alloc(14 * megabyte).toString('base64') }]
  await Promise.all(slow.map((socket) => once(socket, 'connect')))
  const small = () => world.ask('POST', '/api/sms/send', { to: person(bySms, 'ok'), body: 'b' })
  // Answered after the large ones were heard of.
  await small()
  let sent = false
  const third = send(world, bySendgrid, person(bySendgrid, 'ok'), { attachments }).finally(() => {
    sent = true
  })
  for (let number = 0; number < 3; number++) expect((await small()).status).toBe(200)
  expect(sent).toBe(false)
  slow[0]?.destroy()
  expect((await third).status).toBe(200)
})

test('a body that comes too slowly is 408, and its connection is cut', async () => {
  const full = () => new AppError('full', 503, 'test: there is room')
  const intake = { mostBytes: megabyte, arrivesWithinMs: 50, room: createRoom(megabyte), full }
  const app = express()
  app.post('/', async (request, response) => {
    response.json((await readBody(request, response, intake)).length)
  })
  app.use(errorAnswer(silentLog()))
  const listener = await listen(app, 0, '127.0.0.1')
  onTestFinished(() => listener.close())
  const socket = begin(listener.url, '/', ['Content-Length: 1000'], 'a')
  const closed = once(socket, 'close')
  expect(await answered(socket)).toBe(408)
  await closed
})
