import { createServer, request as requestTo } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { secretKey, startSupabaseLite } from '#support/supabase-lite.ts'
import { freePort } from '../../scripts/free-port.ts'
import { onLeash } from '../leash.ts'

/** Supabase's REST interface (an emulator of it) before a PostgreSQL, each call made as much later as a network would. */
const { databaseUrl, delayMs } = z
  .object({ databaseUrl: z.string(), delayMs: z.number() })
  .parse(JSON.parse(process.argv[2] ?? '{}'))
const lite = await startSupabaseLite(databaseUrl)
// Its first request grants privileges, which several at once cannot.
await fetch(`${lite.url}/rest/v1/messages?select=id&limit=1`, { headers: { apikey: secretKey } })
const proxy = createServer(async (request, response) => {
  await pause(delayMs)
  const { method = 'GET', headers, url = '/' } = request
  const onward = requestTo(new URL(url, lite.url), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
})
const port = await freePort()
proxy.listen(port, '127.0.0.1', () => onLeash({ url: `http://127.0.0.1:${port}` }, () => lite.close()))
