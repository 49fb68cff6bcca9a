import { setTimeout as pause } from 'node:timers/promises'
import { type Figures, nothing } from './account.ts'
import { createDoorRequests, type DoorRequest } from './door-requests.ts'
import type { ServerProcess } from './server.ts'
import { type Drill, startChaosWorld } from './world.ts'

const wanted = 20_000
const round = 250
const connections = 8
/** Nothing that a stranger or a token can send holds everybody else up for longer, beside what the machine itself does … */
const mostHeldUpMs = 50
/** … where it does so each time: a busy machine may hold up anything once. */
const tries = 4
const mostResident = 600_000_000

/** Requests drawn by lot to every door: none is answered 500, none holds up the event loop, and the memory has an end. */
export async function doorsDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const world = await startChaosWorld(postgres, 1)
  const figures: Figures = { ...nothing, name: 'doors', wrong: [], notes: [] }
  const answers = new Map<number, number>()
  const count = Math.max(Math.round(wanted * share), round)
  let [slowest, largest] = [0, 0]
  try {
    const server = await world.boot(0)
    const next = createDoorRequests(random, world.baseUrl, world.token)
    const idleMs = await idle(server)
    for (let done = 0; done < count; done += round) {
      const requests = Array.from({ length: round }, next)
      await askAll(server, requests, (request, status) => {
        answers.set(status, (answers.get(status) ?? 0) + 1)
        if (status >= 500 && status !== 503) figures.wrong.push(`${shown(request)} was answered ${status}`)
      })
      if (!server.running()) throw new Error(`chaos: the server crashed: ${server.errors.join('\n')}`)
      const { heldUpMs, resident } = await readings(server)
      slowest = Math.max(slowest, heldUpMs)
      largest = Math.max(largest, resident)
      if (heldUpMs > mostHeldUpMs + idleMs)
        figures.wrong.push(...(await whatHoldsUp(server, requests, mostHeldUpMs + idleMs)))
      if ((done / round) % 8 === 0)
        say(`${done + round} of ${count} requests, the loop held up for ${Math.round(slowest)} ms at most`)
    }
    await world.drained()
    if (largest > mostResident) figures.wrong.push(`the memory grew to ${megabytes(largest)}`)
    const kinds = [...answers].toSorted(([left], [right]) => left - right)
    figures.notes.push(
      `${count} requests: ${kinds.map(([status, times]) => `${times} × ${status || 'no answer'}`).join(', ')}`,
      `memory ${megabytes(largest)} at most`,
    )
    return figures
  } finally {
    await world.close()
  }
}

async function askAll(
  server: ServerProcess,
  requests: readonly DoorRequest[],
  told: (request: DoorRequest, status: number) => void,
): Promise<void> {
  const left = [...requests]
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) told(one, await ask(server, one))
    }),
  )
}

/** 0: no answer came, as where a body was cut. */
async function ask({ url }: ServerProcess, { method, path, headers, body }: DoorRequest): Promise<number> {
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(30_000),
      ...(body && { body: new Uint8Array(body) }),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}

/** Which of these hold the loop up by themselves, each time that they are asked. */
async function whatHoldsUp(server: ServerProcess, requests: readonly DoorRequest[], mostMs: number) {
  const wrong: string[] = []
  for (const request of requests) {
    let least = Number.POSITIVE_INFINITY
    for (let number = 0; number < tries && least > mostMs; number++) {
      await readings(server)
      await ask(server, request)
      least = Math.min(least, (await readings(server)).heldUpMs)
    }
    if (least > mostMs) wrong.push(`${shown(request)} held the loop up for ${Math.round(least)} ms`)
  }
  return wrong
}

/** What this machine does to a loop that has nothing to do. */
async function idle(server: ServerProcess): Promise<number> {
  let most = 0
  await readings(server)
  for (let second = 0; second < 4; second++) {
    await pause(500)
    most = Math.max(most, (await readings(server)).heldUpMs)
  }
  return most
}

/** Since they were last read: for how long the loop was held up at most; and the memory, in bytes. */
async function readings({ url }: ServerProcess): Promise<{ heldUpMs: number; resident: number }> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  return {
    heldUpMs: value('comms_nodejs_eventloop_lag_max_seconds') * 1_000,
    resident: value('comms_process_resident_memory_bytes'),
  }
}

function shown({ method, path, body }: DoorRequest): string {
  return `${method} ${path.slice(0, 200)} ${body?.toString().slice(0, 300) ?? ''}`
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}
