import type { Story } from './stories.ts'
import type { World } from './world.ts'

/** One thing that becomes of a message. */
export interface Step {
  /** Changes what the provider's own look-up answers. */
  happen(): void
  /** Posts the webhook; resolves after its first attempt. */
  tell(): Promise<unknown>
}

const longestEarlyMs = 5_000

/** The times at which a story's steps happen: increasing, and distinct in the provider's own resolution. */
export function stepTimes(world: World, story: Story, count: number, resolutionMs: number): Date[] {
  const delayMs = story === 'early' ? 0 : world.delayMs
  const first = world.now().getTime() + delayMs
  const gap = Math.max(delayMs, resolutionMs)
  return Array.from({ length: count }, (_, index) => new Date(first + index * gap))
}

/**
 * Lets a story take its course in the background. Resolves at once, but for the story `early`: then when the webhooks
 * have been posted, so that the API answers after them.
 */
export async function play(
  world: World,
  story: Story,
  steps: readonly Step[],
  after?: () => Promise<unknown>,
) {
  const playing = run(world, story, steps).then(after)
  world.post.track(playing)
  if (story !== 'early') return
  await Promise.race([playing, world.post.pause(longestEarlyMs)]).catch(() => undefined)
}

async function run(world: World, story: Story, steps: readonly Step[]): Promise<void> {
  // Told out of order or late: by then everything has happened.
  const afterwards = story === 'reverse' || story === 'late'
  if (afterwards) {
    await world.post.pause(world.delayMs)
    for (const step of steps) step.happen()
  }
  for (const [index, step] of (story === 'reverse' ? steps.toReversed() : steps).entries()) {
    if (story !== 'early') await world.post.pause(world.delayMs * (story === 'late' && index === 0 ? 9 : 1))
    if (!afterwards) step.happen()
    if (story === 'silent') continue
    await step.tell()
    if (story === 'twice') await step.tell()
  }
}
