import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Planned } from './plan.ts'

const sent = z.object({ messageId: z.uuid(), status: z.string() })
const timeline = z.object({
  message: z.object({ status: z.string(), provider: z.string(), recipient: z.string() }),
  events: z.array(
    z.object({ type: z.string(), providerType: z.string(), source: z.string(), occurredAt: z.string() }),
  ),
})
export type Timeline = z.infer<typeof timeline>
export type Fact = Timeline['events'][number]

export interface Followed {
  planned: Planned
  messageId: string
  /** As the database tells it, through the API. */
  timeline: Timeline | undefined
  missing: string[]
}

/** A caller of the API, as a CRM would be. */
export function createCaller(url: string, token: string) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  return {
    async send({ action, params }: Planned): Promise<string> {
      const response = await fetch(`${url}/api/max/actions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ action, params: { ...params, leadId: 'lead-1' } }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${action} answered ${response.status}: ${text}`)
      return sent.parse(JSON.parse(text)).messageId
    },
    async timeline(id: string): Promise<Timeline> {
      const response = await fetch(`${url}/api/messages/${id}`, { headers })
      return timeline.parse(await response.json())
    },
  }
}

/** Watches messages until each has every fact that was planned for it, or the time is over; tells each fact once. */
export async function follow(
  caller: ReturnType<typeof createCaller>,
  messages: readonly { planned: Planned; messageId: string }[],
  tell: (planned: Planned, fact: Fact) => void,
  patienceMs: number,
): Promise<Followed[]> {
  const told = new Set<string>()
  const deadline = performance.now() + patienceMs
  let followed: Followed[] = []
  do {
    followed = []
    for (const { planned, messageId } of messages) {
      const timeline = await caller.timeline(messageId)
      // An event of a kind that changes nothing (Green-API's echo of our own send) is kept, and not news.
      for (const fact of timeline.events.filter(({ type }) => type !== 'unknown')) {
        const key = `${messageId} ${fact.type} ${fact.source}`
        if (!told.has(key)) tell(planned, fact)
        told.add(key)
      }
      const facts = new Set(timeline.events.map(({ type }) => type))
      followed.push({
        planned,
        messageId,
        timeline,
        missing: planned.expected.filter((fact) => !facts.has(fact)),
      })
    }
    if (followed.every(({ missing }) => missing.length === 0)) return followed
    await pause(100)
  } while (performance.now() < deadline)
  return followed
}
