/** How much of each: never by time, so that the work is the same on every machine. */
export interface Sizes {
  repetitions: number
  connections: number
  ceiling: number
  audit: number
  ours: number
  pglite: number
  auditSupabase: number
  oursSupabase: number
  /** Events, for each size of batch. */
  sendgrid: ReadonlyMap<number, number>
  /** Events, for each size of commit. */
  commits: ReadonlyMap<number, number>
  sending: number
  steadyRate: number
  steadySeconds: number
  /** Events in the tables. */
  growth: readonly number[]
  idleMessages: number
  idleSeconds: number
  growthEvents: number
  growthPages: number
  /** Events taken by one process before its memory is read. */
  memory: readonly number[]
}

export const full: Sizes = {
  repetitions: 5,
  connections: 64,
  ceiling: 30_000,
  audit: 15_000,
  ours: 30_000,
  pglite: 9_000,
  auditSupabase: 1_200,
  oursSupabase: 9_000,
  sendgrid: new Map([
    [1, 12_000],
    [10, 30_000],
    [100, 60_000],
    [500, 150_000],
  ]),
  commits: new Map([
    [1, 6_000],
    [30, 30_000],
    [500, 60_000],
  ]),
  sending: 3_000,
  steadyRate: 500,
  steadySeconds: 20,
  growth: [0, 1_000_000, 5_000_000],
  idleMessages: 1_000_000,
  idleSeconds: 60,
  growthEvents: 30_000,
  growthPages: 2_000,
  memory: [50_000, 500_000],
}

export const quick: Sizes = {
  repetitions: 3,
  connections: 64,
  ceiling: 9_000,
  audit: 4_500,
  ours: 9_000,
  pglite: 1_800,
  auditSupabase: 300,
  oursSupabase: 1_800,
  sendgrid: new Map([
    [1, 3_000],
    [10, 9_000],
    [100, 24_000],
    [500, 60_000],
  ]),
  commits: new Map([
    [1, 2_000],
    [30, 12_000],
    [500, 30_000],
  ]),
  sending: 600,
  steadyRate: 500,
  steadySeconds: 5,
  growth: [0, 100_000],
  idleMessages: 30_000,
  idleSeconds: 15,
  growthEvents: 6_000,
  growthPages: 400,
  memory: [6_000, 60_000],
}
