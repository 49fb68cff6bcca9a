const written = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?$/

/** A moment as EspoCRM takes it: `2026-11-22 07:15:00`, always UTC. */
export function espoTime(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

/** A moment as EspoCRM gives it (a date alone is its midnight, UTC); undefined where it is none. */
export function momentOf(text: string): Date | undefined {
  const [, day, time = '00:00:00'] = written.exec(text) ?? []
  if (day === undefined) return undefined
  const moment = new Date(`${day}T${time}Z`)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

/** A moment for a person to read, in a note whose own time is that of the writing. */
export function readableTime(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
