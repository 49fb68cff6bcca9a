import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { keptSecret, signToken } from '#src/api/token.ts'
import { readConfig } from '#src/config.ts'
import { ConfigurationError } from '#src/model/errors.ts'

const usage =
  'usage: npm run token -- --tenant T [--ops] [--expires 30d]   (with --ops and no --tenant: every tenant)'

/** `npm run token`: prints a token for the API, signed with JWT_SECRET or the secret kept in DATA_DIR. */
async function main(): Promise<void> {
  readDotenv({ quiet: true })
  try {
    const { values } = parseArgs({
      options: {
        tenant: { type: 'string' },
        ops: { type: 'boolean', default: false },
        expires: { type: 'string', default: '30d' },
      },
    })
    if (!values.tenant && !values.ops) throw new TypeError('token: --tenant is missing (or give --ops)')
    if (!/^\d+\s?[smhdwy]$/.test(values.expires))
      throw new TypeError('token: --expires must be a span such as 12h or 30d')
    const config = readConfig(process.env)
    const secret = config.jwtSecrets[0] ?? keptSecret(config.dataDir)
    console.log(
      await signToken(secret, { tenantId: values.tenant, ops: values.ops, expires: values.expires }),
    )
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof ConfigurationError)) throw error
    console.error(`${error.message}\n${usage}`)
    process.exitCode = 1
  }
}

await main()
