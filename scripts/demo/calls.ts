import type { z } from 'zod'
import type { DemoWorld } from './world.ts'

export type Calls = ReturnType<typeof createCalls>

interface Answer {
  status: number
  text: string
}

/** Calls of the API, as a CRM would make them. */
export function createCalls({ server, token }: Pick<DemoWorld, 'server' | 'token'>) {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }

  async function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const asked = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${server.url}${path}`, asked)
    return { status: response.status, text: await response.text() }
  }

  return {
    ask,
    /** Throws where it is refused. */
    async call<T>(path: string, answer: z.ZodType<T>, body?: object): Promise<T> {
      const { status, text } = await ask(body ? 'POST' : 'GET', path, body)
      if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`)
      return answer.parse(JSON.parse(text))
    },
  }
}
