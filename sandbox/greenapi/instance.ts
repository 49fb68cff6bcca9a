import type { Story } from '../stories.ts'
import type { World } from '../world.ts'
import { playChat } from './events.ts'
import type { Notifications } from './notifications.ts'
import { type GreenRecord, instanceData, type Journal, seconds } from './record.ts'

/** https://green-api.com/en/docs/api/account/GetStateInstance/; `suspended` is the new name of `yellowCard`. */
export const instanceStates = [
  'authorized',
  'notAuthorized',
  'blocked',
  'starting',
  'sleepMode',
  'yellowCard',
  'suspended',
] as const
export type InstanceState = (typeof instanceStates)[number]

/** The linked phone: whether it is there, and what waits for it. */
export interface Instance {
  state(): InstanceState
  /** Changes the state and tells it; resolves with the first answer. Authorized again, it sends what has waited. */
  become(state: InstanceState): Promise<number | null>
  /** Lets an accepted message take its course, now or when the phone is back; resolves when the API may answer. */
  take(entry: GreenRecord, story: Story): Promise<void>
  /** Drops what waits for the phone: it is never sent. */
  clearQueue(): void
}

export function createInstance(world: World, journal: Journal, notifications: Notifications): Instance {
  let state: InstanceState = 'authorized'
  const waiting = new Map<GreenRecord, Story>()
  const send = (entry: GreenRecord, story: Story) => playChat(world, journal, notifications, entry, story)

  return {
    state: () => state,
    become(wanted) {
      state = wanted
      world.log({ event: 'state_changed', provider: 'greenapi', text: wanted })
      const told = notifications.push({
        typeWebhook: 'stateInstanceChanged',
        instanceData,
        timestamp: seconds(world.now()),
        stateInstance: wanted,
      })
      if (wanted === 'authorized') {
        for (const [entry, story] of waiting) void send(entry, story)
        waiting.clear()
      }
      return told
    },
    async take(entry, story) {
      if (state === 'authorized') await send(entry, story)
      else waiting.set(entry, story)
    },
    clearQueue() {
      for (const entry of waiting.keys()) entry.cleared = true
      waiting.clear()
    },
  }
}
