import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { z } from 'zod'
import { readConfig } from '#src/config.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { StoreError } from '#src/store/database.ts'
import { runCommand } from './command.ts'
import { type Installation, openInstallation, type Wish } from './replay/installation.ts'
import { type Answered, report, together } from './replay/report.ts'

const usage = `usage: npm run replay -- --since 2026-11-01 [--provider twilio] [--dry-run] [--effects]
  --since     a day (UTC) or a time with its zone: what was received since then is read again
  --provider  only what this one told
  --dry-run   show what would change, write nothing
  --effects   tell the CRM what reads differently now, and let escalations go on from it; else nothing follows`

const since = z.union([z.iso.date(), z.iso.datetime({ offset: true })]).transform((value) => new Date(value))

/** `npm run replay`: what webhooks told is read again with today's mapping. Nothing follows from it but with --effects. */
async function replayed(wish: Wish): Promise<void> {
  readDotenv({ quiet: true })
  const installation = await openInstallation(readConfig(process.env), process.env)
  try {
    console.log(
      `Reading again what ${wish.provider ?? 'every provider'} told since ${wish.since.toISOString()}, in ${installation.name}${wish.dryRun ? ' (dry run: nothing is written)' : ''}`,
    )
    process.stdout.write(report(await everyPart(installation, wish), { dryRun: wish.dryRun }))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    throw new ConfigurationError(`replay: stopped (${error.message}); run it again, it goes on`)
  } finally {
    await installation.close()
  }
}

function wished(): Wish {
  const { values } = parseArgs({
    options: {
      since: { type: 'string' },
      provider: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      effects: { type: 'boolean', default: false },
    },
  })
  if (values.since === undefined) throw new TypeError('replay: --since is missing')
  const from = since.safeParse(values.since)
  if (!from.success)
    throw new TypeError('replay: --since must be a day such as 2026-11-01, or a time with its zone')
  return { since: from.data, provider: values.provider, dryRun: values['dry-run'], effects: values.effects }
}

async function everyPart(installation: Installation, wish: Wish): Promise<Answered> {
  let done = await installation.part(wish, undefined)
  while (done.nextCursor !== null) {
    console.error(`  ${done.read} items read, ${done.changed} changed …`)
    done = together(done, await installation.part(wish, done.nextCursor))
  }
  return done
}

await runCommand({ usage, read: wished, run: replayed })
