import { Agent, request as requestTo } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Run } from './figures.ts'
import type { Prepared } from './traffic.ts'

/**
 * So many requests a second, each sent when it is due whatever became of the others, its latency counted from when it was
 * due: autocannon sends a second's share at once, and a closed loop hides waiting.
 */
export async function steadily(
  url: string,
  connections: number,
  rate: number,
  requests: Prepared[],
): Promise<Run> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  const startedAt = performance.now()
  const due = (index: number) => startedAt + (index * 1_000) / rate
  const answers: Promise<boolean>[] = []
  for (const [index, request] of requests.entries()) {
    while (performance.now() < due(index)) await pause(1)
    answers.push(
      send(agent, url, request).then((acknowledged) => {
        latencies.push(performance.now() - due(index))
        return acknowledged
      }),
    )
  }
  const acknowledged = (await Promise.all(answers)).filter(Boolean).length
  agent.destroy()
  return {
    requests: requests.length,
    acknowledged,
    seconds: (performance.now() - startedAt) / 1_000,
    latencies,
  }
}

/** Whether it was answered 2xx. */
function send(agent: Agent, url: string, { method, path, headers, body }: Prepared): Promise<boolean> {
  return new Promise((resolve) => {
    const request = requestTo(url + path, { agent, method, headers, timeout: 30_000 }, (response) => {
      response.resume()
      response.once('end', () => resolve(Math.floor((response.statusCode ?? 0) / 100) === 2))
      response.once('error', () => resolve(false))
    })
    request.once('error', () => resolve(false))
    request.once('timeout', () => request.destroy())
    request.end(body)
  })
}
