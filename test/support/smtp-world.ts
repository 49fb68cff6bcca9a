import { startWorld, type World } from './world.ts'

/** A house that sends by the SMTP server on this port, and whose clock may be moved on. */
export function startSmtpWorld(
  port: number,
  {
    from,
    aheadMs,
    environment = {},
  }: {
    from: string
    aheadMs: () => number
    environment?: Record<string, string>
  },
): Promise<World> {
  return startWorld({
    crm: true,
    workerEveryMs: 20,
    now: () => new Date(Date.now() + aheadMs()),
    environment: {
      EMAIL_PROVIDER: 'smtp',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(port),
      SMTP_FROM: from,
      ...environment,
    },
  })
}
