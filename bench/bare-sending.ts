import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import connect from 'twilio'
import { z } from 'zod'
import { credentials } from '#sandbox/credentials.ts'
import { type Figures, figures, figuresSchema } from './figures.ts'
import { sms } from './traffic.ts'

const orderSchema = z.object({
  url: z.string(),
  connections: z.number(),
  stretches: z.array(z.object({ first: z.number(), count: z.number() })),
})
type Order = z.infer<typeof orderSchema>

/** What a script would do: the SDK's own `messages.create`, so many at once, nothing kept. In another process. */
export async function bareLoop(order: Order): Promise<Figures> {
  const file = fileURLToPath(import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(order)])
  return figuresSchema.parse(JSON.parse(stdout))
}

async function send({ url, connections, stretches }: Order): Promise<Figures | undefined> {
  const { accountSid, authToken, smsFrom } = credentials.twilio
  const client = connect(accountSid, authToken, { autoRetry: false, edge: '', region: '' })
  client.api.baseUrl = `${url}/twilio`
  let told: Figures | undefined
  for (const { first, count } of stretches) {
    const latencies: number[] = []
    const startedAt = performance.now()
    let next = first
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (next < first + count) {
          const sentAt = performance.now()
          await client.messages.create({ ...sms(next++), from: smsFrom })
          latencies.push(performance.now() - sentAt)
        }
      }),
    )
    told = figures({
      requests: count,
      acknowledged: latencies.length,
      seconds: (performance.now() - startedAt) / 1_000,
      latencies,
    })
  }
  return told
}

if (import.meta.main) {
  const told = await send(orderSchema.parse(JSON.parse(process.argv[2] ?? '{}')))
  process.stdout.write(JSON.stringify(told))
}
