import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { person, send, type Way } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

type Name = Way['provider']
export type ByApi = Exclude<Name, 'smtp'>

/** One channel, its first provider and the one that takes over. */
export interface Pair<Provider extends Name = Name> {
  action: 'sendEmail' | 'sendWhatsApp'
  first: Provider
  other: Provider
}

export const pairs = [
  { action: 'sendWhatsApp', first: 'twilio', other: 'greenapi' },
  { action: 'sendEmail', first: 'sendgrid', other: 'resend' },
] as const satisfies Pair<ByApi>[]

export const pairsBack = [
  { action: 'sendWhatsApp', first: 'greenapi', other: 'twilio' },
  { action: 'sendEmail', first: 'resend', other: 'sendgrid' },
] as const satisfies Pair<ByApi>[]

/** The variables that make a server go by these. */
export function goingBy(chosen: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    chosen.flatMap(({ action, first, other }) => {
      const channel = action === 'sendEmail' ? 'EMAIL' : 'WHATSAPP'
      return [
        [`${channel}_PROVIDER`, first],
        [`${channel}_FALLBACK`, other],
      ]
    }),
  )
}

export const wayOf = ({ action, first: provider }: Pair): Way => ({ action, provider })

/** A send whose caller named no provider. */
export function sendOn(world: World, { action }: Pair, to: string, more: object = {}) {
  const subject = action === 'sendEmail' ? { subject: 'Test' } : {}
  return world.action(action, { to, body: 'Bonjour', ...subject, ...more })
}

export const someone = (pair: Pair, story = 'ok') => person(wayOf(pair), story)

/** A world on providers that do as the test says. */
export interface Failing {
  world: World
  api: FakeApi
  /** How often this provider was given the message to this person. */
  given(provider: ByApi, to: string): number
  /** The server's clock. */
  now: () => Date
  /** So much later. */
  pass(ms: number): void
  /** Everybody accepts again, and no breaker is open any more. */
  healed(): Promise<void>
  stop(): Promise<void>
}

export async function startFailing(
  chosen: readonly Pair<ByApi>[],
  environment: Record<string, string> = {},
): Promise<Failing> {
  let aheadMs = 0
  const now = () => new Date(Date.now() + aheadMs)
  const api = await startFakeApi()
  const world = await startWorld({
    workerEveryMs: 20,
    environment: { ...api.environment, ...goingBy(chosen), ...environment },
    now,
  })
  return {
    world,
    api,
    now,
    given: (provider, to) =>
      api.calls(provider).filter(({ body }) => body.includes(to.replace(/^\+/, ''))).length,
    pass(ms) {
      aheadMs += ms
    },
    async healed() {
      api.replies.clear()
      await api.away()
      await api.back()
      for (const { action, first, other } of chosen)
        for (const provider of [first, other])
          await send(world, { action, provider }, person({ action, provider }, 'ok'))
    },
    async stop() {
      await world.stop()
      await api.away()
    },
  }
}

/** Who was tried with a message and what came of it. */
export function tried(attempts: { provider: string; outcome: string; errorCode: string | null }[]) {
  return attempts.map(({ provider, outcome, errorCode }) => [provider, outcome, errorCode])
}
