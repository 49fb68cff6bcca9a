import { createServer, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const address = z.object({ port: z.number() })

export interface Api {
  url: string
  posts: { method: string | undefined; path: string | undefined; type: string | undefined; json: unknown }[]
  close: () => Promise<void>
}

/** A local Green-API: it notes what is posted, then answers (or does not) as the test says. */
export async function greenapiApi(answer: (response: ServerResponse) => void): Promise<Api> {
  const posts: Api['posts'] = []
  const server = createServer(async (request, response) => {
    const json: unknown = JSON.parse(await text(request))
    posts.push({ method: request.method, path: request.url, type: request.headers['content-type'], json })
    answer(response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { url: `http://127.0.0.1:${address.parse(server.address()).port}`, posts, close }
}
