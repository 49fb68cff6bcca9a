import { createHash } from 'node:crypto'
import { ConfigurationError } from '#src/model/errors.ts'
import type { Environment } from './provider.ts'
import { secrets } from './signature.ts'

// By SHA-256, so that no scanner of secrets takes this file for a leak.
/** What manuals sign tokens with. */
const samples: ReadonlySet<string> = new Set([
  // jwt.io, for years
  'f7d838701b86c5dfb57bf95fbc5ce6df204cfc9f15ad6cdb39fd22f8776e47b6',
  '5eef83fe7cb71e2da053f846a07ecf933f49b66ef755ef8627be5e2fe94d7e84',
  // jwt.io, since 2025
  '465d9ad5d5528ebe287b5dce4fb51620833d09b290e49ddcc70ca6c4a0aea01b',
  // Supabase on a developer's machine, and its self-hosting sample
  'a064b502e61d27e94b8717290e5e1b32e36720e9fbdf952ec81a84c07128cb37',
  '1453cea2dc3799e9026e42b3e465e455256d5a149582e4c5b92d4c8d604731a2',
])

/** What the sandbox's providers prove themselves with, and what a server that talks to it proves its mails with. */
const sandboxes: ReadonlySet<string> = new Set([
  '8e15ea66851a1894f6f5f6cb3f651fd901da11725dcc14d2e312e65baffbbb52',
  'c7b1782319d0446ad86d452f345548103b6569ecf847c268f194b206299f3a69',
  'c54ee558cdaa149d6de4a1ec7ce9767574b79de202d528aaf713372646019d1b',
  'ec6fd4ff45ac3184f1d7e5df2d2434f4b6f48e5cbb789ca063a448c0c2054c88',
  '53b1008f62176945e74c586c28d038c5e2c7df6ab23ab6dbf68e7e8109f76ed7',
])

/** The variables that prove to us who somebody is. A key that proves to a provider who we are is the provider's to judge. */
const proving = /^(JWT_SECRET|TRACKING_SECRET|METRICS_TOKEN|TWILIO_AUTH_TOKEN|\w+_WEBHOOK_(SECRET|TOKEN))$/
/** Those of them that a caller sends as they are, and that our operator makes up. */
const passwords = /^(METRICS_TOKEN|\w+_WEBHOOK_TOKEN)$/
const shortestPassword = 16

/**
 * Throws ConfigurationError where a stranger knows a secret that proves something to us. `reachable`: strangers can call this
 * server, so that the sandbox's secrets open it, and short ones can be guessed.
 */
export function refuseWeakSecrets(environment: Environment, reachable: boolean): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!proving.test(name)) continue
    for (const secret of secrets(value)) {
      const digest = createHash('sha256').update(secret).digest('hex')
      if (samples.has(digest)) throw refused(name, 'is a sample that anybody can read (make your own)')
      if (!reachable) continue
      if (sandboxes.has(digest))
        throw refused(name, 'is the sandbox’s, which anybody can read (set your own)')
      if (passwords.test(name) && secret.length < shortestPassword)
        throw refused(name, `is too short (at least ${shortestPassword} characters in production)`)
    }
  }
}

function refused(name: string, why: string): ConfigurationError {
  return new ConfigurationError(`configuration: ${name} ${why}`)
}
