import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { credentials } from './credentials.ts'
import type { SandboxLine } from './line.ts'
import { type Sandbox, startSandbox } from './start.ts'
import { stories } from './stories.ts'

const delayMs = 1_000

const usage = `usage: npm run sandbox
  the fake outside world, on SANDBOX_PORT (4010) and SANDBOX_SMTP_PORT (4025); its webhooks go to BASE_URL`
const words = process.argv.slice(2)
if (words.includes('--help') || words.includes('-h')) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
if (words.length > 0) {
  console.error(`sandbox: takes no ${words[0]}\n${usage}`)
  process.exit(1)
}

if (existsSync('.env')) process.loadEnvFile('.env')
const baseUrl = process.env.BASE_URL || 'http://localhost:3000'
try {
  const ports = { port: portOf('SANDBOX_PORT', 4010), smtpPort: portOf('SANDBOX_SMTP_PORT', 4025) }
  const sandbox = await startSandbox({ ...ports, baseUrl, delayMs, log: print })
  banner(sandbox)
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      say('sandbox: closing')
      void sandbox.close()
    })
} catch (error) {
  console.error(startError(error))
  process.exitCode = 1
}

function portOf(name: string, otherwise: number): number {
  const port = Number(process.env[name] || otherwise)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new Error(`${name} is not a port (use a number from 0 to 65535)`)
}

function startError(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error)
    return `sandbox: port ${error.port} is in use (is another sandbox running? else set SANDBOX_PORT or SANDBOX_SMTP_PORT)`
  return `sandbox: ${error instanceof Error ? error.message : String(error)}`
}

function banner(sandbox: Sandbox): void {
  const block = Object.entries(sandbox.environment).map(([name, value]) => `${name}=${value}`)
  const width = Math.max(...stories.map(({ name }) => name.length))
  const table = stories.map((story) => {
    const email = 'email' in story ? `${story.email}@…` : ''
    const phone = 'phone' in story ? `…${story.phone}` : ''
    const who = story.name === 'ok' ? 'anyone else' : [email, phone].filter(Boolean).join('  ')
    return `  ${story.name.padEnd(width)}  ${who.padEnd(19)} ${story.description}`
  })
  say(`max-comms sandbox: a fake outside world on this machine. Nothing sent here reaches anybody.

It is Twilio, SendGrid, Resend, Green-API and EspoCRM at ${sandbox.url}, and an SMTP server at 127.0.0.1:${sandbox.smtpPort}.
Its webhooks, really signed, go to ${baseUrl} (from BASE_URL).

Copy this into the .env of the server; the keys are fixed and open nothing but this sandbox:

BASE_URL=${baseUrl}
${block.join('\n')}
# Optional: TWILIO_MESSAGING_SERVICE_SID=${credentials.twilio.messagingServiceSid}
# Opens come from Resend only for EMAIL_FROM=max@sandbox.example

The recipient decides what happens (email: before the @ or a +; phone: the last two digits;
exceptions by provider: GET /sandbox):

${table.join('\n')}

See and steer it: ${sandbox.url}/sandbox (a page in a browser, JSON otherwise)
  curl ${sandbox.url}/sandbox/say -H 'content-type: application/json' \\
    -d '{"channel":"whatsapp","provider":"twilio","from":"+33612345678","text":"OUI"}'

Listening. Each message and webhook is one line:`)
}

/** One line; text from strangers cannot steer the terminal. */
function print({ event, provider, text }: SandboxLine): void {
  const line = stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ')
  say(`${new Date().toISOString().slice(11, 23)}  ${event.padEnd(17)} ${provider.padEnd(9)} ${line}`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
