import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type Sandbox, type SandboxOptions, startSandbox } from '#sandbox/start.ts'

/** The JSON object of an answer, with the fields that the test looks into. */
export async function json<T extends z.ZodRawShape>(response: Response, shape: T) {
  return z.looseObject(shape).parse(await response.json())
}

/** One webhook as it came in: the bytes, and what else a signature covers. */
export interface Arrived {
  path: string
  headers: Record<string, string>
  body: string
}

export interface Receiver {
  url: string
  arrived: Arrived[]
  /** What to answer to the nth request; 200 unless replaced. */
  answer: (request: Arrived, index: number) => number | Promise<number>
  stop(): Promise<void>
}

/** A tiny server that keeps every webhook; closed with the test. */
export async function startReceiver(): Promise<Receiver> {
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const receiver: Receiver = { url: '', arrived: [], answer: () => 200, stop }
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('utf8')
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
    const arrived = { path: request.url ?? '', headers: Object.fromEntries(headers), body }
    receiver.arrived.push(arrived)
    response.statusCode = await receiver.answer(arrived, receiver.arrived.length - 1)
    response.setHeader('content-type', 'text/xml')
    response.end('<Response/>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(stop)
  const address = server.address()
  receiver.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return receiver
}

/** A sandbox that tells this receiver; closed with the test. */
export async function world(
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; receiver: Receiver; setting: (name: string) => string }> {
  const receiver = await startReceiver()
  const sandbox = await startSandbox({ baseUrl: receiver.url, ...options })
  onTestFinished(() => sandbox.close())
  return { sandbox, receiver, setting: (name) => sandbox.environment[name] ?? '' }
}
