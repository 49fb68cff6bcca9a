import { connect } from 'node:net'

/** One HTTP request: as fetch can send it, or its very bytes. */
export type Question =
  | {
      method: string
      path: string
      headers?: Record<string, string>
      body?: string | Buffer<ArrayBuffer>
    }
  | {
      raw: string | Buffer
      /** Our side of the connection is closed after the bytes: no answer is waited for. */
      ends?: boolean
    }

/** What was answered. Status 0: the connection ended without an answer. */
export interface Told {
  status: number
  headers: Headers
  text: string
}

const patienceMs = 15_000

/** Sends one request to a server at `url`. */
export async function ask(url: string, question: Question): Promise<Told> {
  if ('raw' in question) return toldBy(await exchanged(url, question.raw, question.ends ?? false))
  const { method, path, headers = {}, body } = question
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** Everything that comes back for these bytes, until the server ends the connection. */
function exchanged(url: string, bytes: string | Buffer, ends: boolean): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
    socket.setTimeout(patienceMs, () => socket.destroy())
    socket.on('data', (chunk) => chunks.push(chunk))
    // A reset after the answer is an end like any other.
    socket.on('error', () => {})
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    if (ends) socket.end()
  })
}

function toldBy(answer: string): Told {
  const [head = '', ...rest] = answer.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = new Headers()
  for (const line of lines)
    headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1))
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers,
    text: rest.join('\r\n\r\n'),
  }
}
