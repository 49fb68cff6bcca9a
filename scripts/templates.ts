import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { twilioContent } from '#providers/twilio/index.ts'
import { readConfig } from '#src/config.ts'
import { ConfigurationError, ProviderError } from '#src/model/errors.ts'
import { StoreError } from '#src/store/database.ts'
import { runCommand } from './command.ts'
import { type Installation, type KnownTemplate, openInstallation } from './templates/installation.ts'
import { type Push, type Pushed, push, said } from './templates/push.ts'

const usage = `usage: npm run templates -- list|status|push [--tenant T] [--name N] [--language fr] [--category UTILITY] [--wait 60]
  list        the templates, and what Twilio knows them as
  status      what WhatsApp says of each that Twilio knows
  push        creates the others at Twilio and submits them to WhatsApp
  --tenant    only of this tenant        --name  only the one of this name
  --language  in which they are written  --category  UTILITY, MARKETING or AUTHENTICATION
  --wait      so many seconds for WhatsApp's verdict, which may take two days`

const commands = ['list', 'status', 'push'] as const
/** Where there is no template to push. */
const first = 'create one (POST /api/whatsapp/messages)'
const categories = ['UTILITY', 'MARKETING', 'AUTHENTICATION']

interface Wish extends Push {
  command: (typeof commands)[number]
  tenant: string | undefined
  name: string | undefined
}

/** `npm run templates`: our message templates at Twilio's Content API. */
async function templates(wish: Wish): Promise<void> {
  readDotenv({ quiet: true })
  const installation = await openInstallation(readConfig(process.env))
  try {
    const found = (await installation.templates(wish.tenant)).filter(
      ({ name }) => wish.name === undefined || name === wish.name,
    )
    if (found.length === 0 && wish.name !== undefined) throw noneOf(wish, installation)
    console.log(`${found.length} ${found.length === 1 ? 'template' : 'templates'} in ${installation.name}`)
    if (wish.command === 'list') list(found)
    else if (wish.command === 'status') await status(found)
    else await pushed(installation, found, wish)
  } catch (error) {
    throw stopped(error)
  } finally {
    await installation.close()
  }
}

function wished(): Wish {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tenant: { type: 'string' },
      name: { type: 'string' },
      language: { type: 'string', default: 'fr' },
      category: { type: 'string', default: 'UTILITY' },
      wait: { type: 'string', default: '60' },
    },
  })
  const command = commands.find((one) => one === positionals[0])
  const { tenant, name, language, category, wait } = values
  if (command === undefined || positionals.length > 1)
    throw new TypeError(`templates: say one of ${commands.join(', ')}`)
  if (!/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language))
    throw new TypeError('templates: --language must be such as fr or en_GB')
  if (!categories.includes(category))
    throw new TypeError(`templates: --category must be one of ${categories.join(', ')}`)
  if (!/^\d{1,5}$/.test(wait)) throw new TypeError('templates: --wait must be a number of seconds')
  return { command, tenant, name, language, category, waitMs: Number(wait) * 1_000 }
}

function noneOf({ name, tenant }: Wish, installation: Installation): ConfigurationError {
  const whose = tenant === undefined ? '' : ` of the tenant ${tenant}`
  return new ConfigurationError(
    `templates: there is none with the name ${name}${whose} in ${installation.name} (npm run templates -- list shows them)`,
  )
}

function list(templates: readonly KnownTemplate[]): void {
  for (const template of templates)
    tell(template, `${template.type}  ${template.contentSid ?? 'not at Twilio'}`)
  const missing = templates.filter(({ contentSid }) => contentSid === null).length
  const further = missing > 0 ? 'npm run templates -- push' : 'npm run templates -- status'
  console.log(`Next: ${templates.length === 0 ? first : further}`)
}

async function status(templates: readonly KnownTemplate[]): Promise<void> {
  const content = twilioContent(process.env)
  for (const template of templates) {
    if (template.contentSid === null) tell(template, 'not at Twilio (npm run templates -- push)')
    else {
      const approval = await content.approval(template.contentSid)
      tell(
        template,
        `${template.contentSid}  ${approval ? said(approval) : 'not there (wrong account, or deleted)'}`,
      )
    }
  }
}

async function pushed(
  installation: Installation,
  templates: readonly KnownTemplate[],
  wish: Wish,
): Promise<void> {
  const done = await push({ installation, content: twilioContent(process.env), tell }, templates, wish)
  console.log(`Next: ${templates.length === 0 ? first : next(done)}`)
  if (done.some(({ status: word }) => word === 'held' || word === 'rejected')) process.exitCode = 1
}

function next(done: readonly Pushed[]): string {
  if (done.length === 0) return 'nothing, Twilio knows every template (npm run templates -- status)'
  const of = (word: string) => done.some(({ status: one }) => one === word)
  if (of('held')) return 'change what was held back (PATCH /api/whatsapp/messages/<id>), and push again'
  if (of('rejected')) return 'change the text of what was rejected, and push again'
  return done.every(({ status: one }) => one === 'approved')
    ? 'send one (POST /api/whatsapp/messages/<id>/send)'
    : 'npm run templates -- status, in some minutes or hours'
}

/** One line of a template; a name may hold what steers a terminal. */
function tell({ tenantId, name }: KnownTemplate, line: string): void {
  console.log(`  ${`${name} (${tenantId})`}  ${line}`.replace(/\p{Cc}/gu, ' '))
}

/** What was begun goes on where it is run again. */
function stopped(error: unknown): unknown {
  if (error instanceof ProviderError)
    return new ConfigurationError(`${error.message}; run it again, it goes on`)
  if (error instanceof StoreError)
    return new ConfigurationError(`templates: stopped (${error.message}); run it again, it goes on`)
  return error
}

await runCommand({ usage, read: wished, run: templates })
