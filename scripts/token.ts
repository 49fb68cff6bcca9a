import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { decodeJwt } from 'jose'
import { keptSecret, signToken, tokenLastsMs } from '#src/api/token.ts'
import { readConfig } from '#src/config.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { runCommand } from './command.ts'

const usage = `usage: npm run token -- --tenant T [--ops] [--name WHO] [--expires 30d]
  --tenant   the only tenant that its bearer may name
  --ops      its bearer may look after the system too; without --tenant: of every tenant
  --name     who holds it: kept with what its bearer decides about people
  --expires  a span such as 12h or 30d, of 400 days at most`

interface Wish {
  tenant: string | undefined
  ops: boolean
  name: string | undefined
  expires: string
}

function wished(): Wish {
  const { values } = parseArgs({
    options: {
      tenant: { type: 'string' },
      ops: { type: 'boolean', default: false },
      name: { type: 'string' },
      expires: { type: 'string', default: '30d' },
    },
  })
  if (!values.tenant && !values.ops) throw new TypeError('token: --tenant is missing (or give --ops)')
  if (!/^\d+\s?[smhdwy]$/.test(values.expires))
    throw new TypeError('token: --expires must be a span such as 12h or 30d')
  if (values.name !== undefined && (values.name === '' || values.name.length > 100))
    throw new TypeError('token: --name must have 1 to 100 characters')
  return { ...values, tenant: values.tenant, name: values.name }
}

/** `npm run token`: prints a token for the API, signed with JWT_SECRET or the secret kept in DATA_DIR. */
async function token({ tenant: tenantId, ops, name, expires }: Wish): Promise<void> {
  readDotenv({ quiet: true })
  const config = readConfig(process.env)
  const secret = config.jwtSecrets[0] ?? keptSecret(config.dataDir)
  const made = await signToken(secret, { tenantId, ops, name, expires })
  if (Number(decodeJwt(made).exp) * 1_000 > Date.now() + tokenLastsMs)
    throw new ConfigurationError(
      'token: --expires is longer than 400 days (make another before that one ends)',
    )
  console.log(made)
}

await runCommand({ usage, read: wished, run: token })
