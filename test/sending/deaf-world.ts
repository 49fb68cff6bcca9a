import { startWorld, type World } from '#support/world.ts'

/** Where the providers believe us to be, and nobody is: what their webhooks tell is told by the test, or by none. */
export const nowhere = 'http://127.0.0.1:9'

/** The whole system, but that no webhook of the sandbox reaches the server. */
export async function startDeafWorld(
  environment: Record<string, string> = {},
  workerEveryMs = 25,
): Promise<World> {
  const world = await startWorld({ workerEveryMs, environment: { BASE_URL: nowhere, ...environment } })
  world.sandbox.setBaseUrl(nowhere)
  return world
}
