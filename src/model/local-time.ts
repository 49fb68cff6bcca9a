/** Whose calendar and clock: `{ locale: 'fr-FR', timeZone: 'Europe/Paris' }`. */
export interface Locality {
  locale: string
  timeZone: string
}

/** A moment as people there write it: its day (`dimanche 22 novembre 2026`), its time (`10:30`), or both in short. */
export function localTime(
  moment: Date,
  { locale, timeZone }: Locality,
  part: 'date' | 'time' | 'both',
): string {
  return new Intl.DateTimeFormat(locale, { ...styles[part], timeZone }).format(moment)
}

const styles = {
  date: { dateStyle: 'full' },
  time: { timeStyle: 'short' },
  both: { dateStyle: 'long', timeStyle: 'short' },
} as const

/** Whether there is such a time zone: `Europe/Paris`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
