import type { Host } from './host.ts'
import type { Sizes } from './sizes.ts'

/** What one row was in one repetition. */
export interface Measured {
  row: string
  /** Events, or requests where the row is about those. */
  perSecond: number
  p50Ms: number
  p99Ms: number
  rssMb?: number | undefined
  /** What the database's processes worked for an event (idle: for a second), in microseconds; undefined where it cannot be read. */
  cpuUs?: number | undefined
}

/** What every row works with. */
export interface Bench {
  databaseUrl: string
  sandbox: Host
  sizes: Sizes
  /** For `node`, where the server under test is profiled. */
  nodeOptions: readonly string[]
}

/** A thing to measure; where one run tells several rows it gives several. */
export interface Row {
  /** The word for `--rows`. */
  group: string
  /** Measured in the first repetition only. */
  once?: true
  run(bench: Bench, repetition: number): Promise<Measured[]>
  /** Lets go what it kept between the repetitions. */
  end?(): Promise<void>
}
