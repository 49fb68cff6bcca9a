import { z } from 'zod'

/** What one run of the load saw. */
export interface Run {
  requests: number
  /** Answered 2xx. */
  acknowledged: number
  seconds: number
  latencies: number[]
}

export const figuresSchema = z.object({
  requests: z.number(),
  acknowledged: z.number(),
  seconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
})
export type Figures = z.infer<typeof figuresSchema>

export function figures({ requests, acknowledged, seconds, latencies }: Run): Figures {
  const sorted = latencies.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { requests, acknowledged, seconds, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
