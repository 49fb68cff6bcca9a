import { expect, vi } from 'vitest'
import { startWorld, type World } from '#support/world.ts'

/** The whole system with the sandbox's CRM, on a clock that a test may move. */
export async function startCrmWorld(environment: Record<string, string> = {}) {
  const clock = { ahead: 0 }
  const world = await startWorld({
    crm: true,
    workerEveryMs: 20,
    environment,
    now: () => new Date(Date.now() + clock.ahead),
  })
  return { world, clock }
}

let people = 20_000

/** Somebody that the CRM knows, with an appointment in two days. */
export function patient(world: World, more: { story?: string; hours?: number } = {}) {
  people += 1
  const phone = `+3361${people}${more.story ?? '70'}`.padEnd(12, '0')
  const email = `anna+${people}@customers.example`
  const lead = world.sandbox.crm.lead({ firstName: 'Anna', lastName: `Martin ${people}`, phone, email })
  const dateStart = new Date(Date.now() + (more.hours ?? 48) * 3_600_000)
  const meeting = world.sandbox.crm.meeting({ name: 'Consultation', dateStart, leads: [lead.id] })
  return { phone, email, lead, meeting }
}

/** What the CRM shows in the stream of a record, the oldest first. */
export function notes(world: World, parentId: string): string[] {
  return world.sandbox.crm
    .records('Note')
    .filter((note) => note.parentId === parentId)
    .map((note) => String(note.post))
}

export function tasks(world: World, parentId: string) {
  return world.sandbox.crm.records('Task').filter((task) => task.parentId === parentId)
}

export function meetingOf(world: World, id: string) {
  const meeting = world.sandbox.crm.record('Meeting', id)
  if (!meeting) throw new Error(`the CRM has no meeting ${id}`)
  return meeting
}

/** Until no job is left to be done. */
export function workDone(world: World) {
  return vi.waitFor(
    async () => expect(await world.database.query('select kind from jobs where dead_at is null')).toEqual([]),
    { timeout: 15_000, interval: 20 },
  )
}

/** Somebody writes, and what follows is done. */
export async function writes(world: World, saying: Parameters<World['sandbox']['say']>[0]): Promise<void> {
  await world.sandbox.say(saying)
  await world.settled()
  await workDone(world)
}
