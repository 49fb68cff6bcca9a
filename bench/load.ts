import autocannon from 'autocannon'
import { z } from 'zod'
import { figures } from './figures.ts'
import { steadily } from './steady.ts'
import { firstPage, type Prepared, sendgridWebhook, sendSms, twilioWebhook } from './traffic.ts'

const stretch = z.object({ first: z.number(), count: z.number() })
export const orderSchema = z.object({
  url: z.string(),
  connections: z.number(),
  /** Requests a second, sent when they are due whatever the server does; none: as many as the connections carry. */
  rate: z.number().optional(),
  /** One after another: all but the last only warm both sides up. */
  stretches: z.array(stretch),
  traffic: z.discriminatedUnion('of', [
    z.object({ of: z.literal('twilio') }),
    z.object({ of: z.literal('sendgrid'), batch: z.number() }),
    z.object({ of: z.literal('send'), token: z.string() }),
    z.object({ of: z.literal('list'), token: z.string() }),
  ]),
})
export type Order = z.infer<typeof orderSchema>

/** Every request of a stretch, distinct and signed beforehand. */
function prepared({ traffic }: Order, { first, count }: z.infer<typeof stretch>): Prepared[] {
  if (traffic.of === 'twilio') return Array.from({ length: count }, (_, at) => twilioWebhook(first + at))
  if (traffic.of === 'send')
    return Array.from({ length: count }, (_, at) => sendSms(first + at, traffic.token))
  if (traffic.of === 'list') return Array.from({ length: count }, () => firstPage(traffic.token))
  const { batch } = traffic
  return Array.from({ length: count / batch }, (_, at) =>
    sendgridWebhook({ first: first + at * batch, count: batch }),
  )
}

/** As fast as the connections carry. Each request is sent exactly once: a slice to each connection, and no duration. */
async function flatOut(order: Order, requests: Prepared[]) {
  const connections = Math.min(order.connections, requests.length)
  const amount = requests.length
  const latencies: number[] = []
  let startedAt = 0
  let endedAt = 0
  let client = 0
  let sent = 0
  const run = autocannon({
    url: order.url,
    connections,
    amount,
    sampleInt: 50,
    timeout: 30,
    setupClient(connection) {
      // autocannon divides the amount in the same way.
      const share = Math.floor(amount / connections) + (client++ < amount % connections ? 1 : 0)
      connection.setRequests(requests.slice(sent, sent + share))
      sent += share
    },
  })
  run.on('start', () => {
    startedAt = performance.now()
  })
  run.on('response', (_client: unknown, _status: number, _bytes: number, latencyMs: number) => {
    endedAt = performance.now()
    latencies.push(latencyMs)
  })
  const result = await run
  return { acknowledged: result['2xx'], requests: amount, seconds: (endedAt - startedAt) / 1_000, latencies }
}

if (import.meta.main) {
  const order = orderSchema.parse(JSON.parse(process.argv[2] ?? '{}'))
  const told = []
  for (const part of order.stretches) {
    const requests = prepared(order, part)
    const run = order.rate
      ? await steadily(order.url, order.connections, order.rate, requests)
      : await flatOut(order, requests)
    told.push(figures(run))
  }
  process.stdout.write(`${JSON.stringify(told)}\n`)
}
