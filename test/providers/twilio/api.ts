import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { Parameters } from './signed.ts'

const address = z.object({ port: z.number() })

export interface Posted {
  method: string | undefined
  path: string | undefined
  authorization: string | undefined
  type: string | undefined
  form: Parameters
}

export interface Api {
  url: string
  posts: Posted[]
  close: () => Promise<void>
}

/** A local Messages API: it notes what is posted, then answers (or does not) as the test says. */
export async function twilioApi(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<Api> {
  const posts: Posted[] = []
  const server = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    const { method, url: path, headers } = request
    posts.push({ method, path, authorization: headers.authorization, type: headers['content-type'], form })
    answer(response, request)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { url: `http://127.0.0.1:${address.parse(server.address()).port}`, posts, close }
}

/** Twilio's answer to a message it takes (shape of twilio-oai, api.v2010.account.message). */
export function created(more: Record<string, unknown> = {}): (response: ServerResponse) => void {
  return json(201, {
    account_sid: 'AC00000000000000000000000000000001',
    api_version: '2010-04-01',
    body: 'Bonjour',
    date_created: 'Sun, 22 Nov 2026 10:15:00 +0000',
    date_sent: null,
    date_updated: 'Sun, 22 Nov 2026 10:15:00 +0000',
    direction: 'outbound-api',
    error_code: null,
    error_message: null,
    from: 'whatsapp:+14155238886',
    messaging_service_sid: null,
    num_media: '0',
    num_segments: '1',
    price: null,
    price_unit: null,
    sid: 'SM00000000000000000000000000000001',
    status: 'queued',
    subresource_uris: {},
    to: 'whatsapp:+33612345678',
    uri: '/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/SM00000000000000000000000000000001.json',
    ...more,
  })
}

export function json(status: number, body: unknown): (response: ServerResponse) => void {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Twilio's error body. */
export function twilioError(
  status: number,
  code: number,
  message: string,
): (response: ServerResponse) => void {
  return json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}
