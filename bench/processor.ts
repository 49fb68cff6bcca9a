import { readFileSync } from 'node:fs'

/** What a process of this machine has worked since its start, in microseconds; undefined where it is elsewhere, or no Linux. */
export function processorUs(pid: number): number | undefined {
  try {
    // After the name, in parentheses, its 12th and 13th field: hundredths of a second in its own code and in the kernel's.
    const told = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(told[11]) + Number(told[12])) * 10_000
  } catch {
    return undefined
  }
}
