const secondsIn = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
])

/** The seconds of a span such as `90s`, `15m`, `2h` or `1d`; undefined: it is not one, or nothing. */
export function spanSeconds(value: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(value) ?? []
  const seconds = Number(number) * (secondsIn.get(unit) ?? 0)
  return seconds > 0 ? seconds : undefined
}
