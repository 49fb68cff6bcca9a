const written = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d)(?::(\d\d))?)?$/
const atom = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/

/** `2026-11-22 07:15:00`, in UTC. */
export function espoTime(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

/**
 * A time as it is stored: ISO 8601 with whole seconds is understood; with milliseconds, as `toISOString` gives it, it is
 * not. What is not a time comes back as it was.
 */
export function storedTime(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (atom.test(value)) {
    const moment = new Date(value)
    return Number.isNaN(moment.getTime()) ? value : espoTime(moment)
  }
  return value.length === 16 && isTime(value) ? `${value}:00` : value
}

/** Is this a real moment, date and time, in EspoCRM's writing? */
export function isTime(value: unknown): boolean {
  return typeof value === 'string' && value.length > 10 && isReal(value)
}

export function isDate(value: unknown): boolean {
  return typeof value === 'string' && value.length === 10 && isReal(value)
}

function isReal(value: string): boolean {
  const parts = written.exec(value)
  if (parts === null) return false
  const [, year, month, day, hour = 0, minute = 0, second = 0] = parts.map(Number)
  const moment = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour || 0, minute || 0, second || 0))
  return moment.toISOString().startsWith(value.replace(' ', 'T'))
}
