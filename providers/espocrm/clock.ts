const written = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?$/

/** A moment as EspoCRM takes it: `2026-11-22 07:15:00`, always UTC. */
export function espoTime(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

/** A moment as EspoCRM gives it (a date alone, of a whole day, is its midnight there); undefined where it is none. */
export function momentOf(text: string, timeZone: string): Date | undefined {
  const [, day, time] = written.exec(text) ?? []
  if (day === undefined) return undefined
  const moment = new Date(`${day}T${time ?? '00:00:00'}Z`)
  if (Number.isNaN(moment.getTime())) return undefined
  return time === undefined ? new Date(`${day}T00:00:00${offsetOf(moment, timeZone)}`) : moment
}

/** How far its clocks are from UTC: `-04:00`. */
function offsetOf(moment: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(moment)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value
  return name?.replace('GMT', '') || 'Z'
}
