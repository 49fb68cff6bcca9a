import { once } from 'node:events'
import { parseArgs, styleText } from 'node:util'
import { runCommand } from './command.ts'
import { appointmentStory } from './demo/appointment.ts'
import { bounceStory } from './demo/bounce.ts'
import { createCaller, type Fact, type Followed, follow } from './demo/follow.ts'
import { type Planned, plan } from './demo/plan.ts'
import { type DemoWorld, startDemoWorld } from './demo/world.ts'

const usage = `usage: npm run demo [-- --once] [--story appointment|bounce]
  --once   end when everything came to its end, with 0
  --story  appointment: reminders, and what customers answer
           bounce: a mail comes back, nobody writes there any more, and a person frees the address`

const stories = { appointment: appointmentStory, bounce: bounceStory }
type Story = (typeof stories)[keyof typeof stories]

interface Wish {
  once: boolean
  story: Story | undefined
}
const patienceMs = 40_000
const ways = new Map([
  ['send', 'answered to our send'],
  ['pixel', 'our own pixel was loaded'],
])
const widest = Math.max(...plan.map(({ title }) => title.length))

/** `npm run demo`: every channel through every provider, with the webhooks coming back, from nothing. */
async function demo(wanted: Wish): Promise<void> {
  const leave = wanted.once
  const startedAt = performance.now()
  say('Starting the sandbox (five fake providers and a CRM) and the server on an embedded database …')
  const world = await startDemoWorld(leave ? 100 : 500)
  const caller = createCaller(world.server.url, world.token)
  say(world.server.banner)
  if (wanted.story) return tellStory(wanted.story, world, leave, startedAt)
  say(styleText('bold', '\nSix messages go out; what the providers tell comes back signed:\n'))
  const messages: { planned: Planned; messageId: string }[] = []
  for (const planned of plan) messages.push({ planned, messageId: await caller.send(planned) })
  const followed = await follow(caller, messages, tellFact, patienceMs)
  say(table(followed))
  const complete = followed.every(({ missing }) => missing.length === 0)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  say(
    complete
      ? styleText('green', `Every timeline is complete (${seconds} s).`)
      : styleText('red', `Not complete after ${seconds} s. The server's log: ${world.logFile}`),
  )
  if (!complete) process.exitCode = 1
  if (!leave) await stayUp(world, followed[0]?.messageId ?? '')
  await world.stop()
}

/** Another story than that of every channel. */
async function tellStory(story: Story, world: DemoWorld, leave: boolean, startedAt: number): Promise<void> {
  const complete = await story(world, say)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  say(
    complete
      ? styleText('green', `\nThe story came to its end (${seconds} s).`)
      : styleText('red', `\nNot complete after ${seconds} s. The server's log: ${world.logFile}`),
  )
  if (!complete) process.exitCode = 1
  if (!leave) await stayUp(world, '')
  await world.stop()
}

function wished(): Wish {
  const { once, story } = parseArgs({
    options: { once: { type: 'boolean', default: false }, story: { type: 'string' } },
  }).values
  if (story === undefined) return { once, story }
  if (story !== 'appointment' && story !== 'bounce')
    throw new TypeError('demo: --story must be appointment or bounce')
  return { once, story: stories[story] }
}

function tellFact(planned: Planned, fact: Fact): void {
  const time = fact.occurredAt.slice(11, 19)
  const by = ways.get(fact.source) ?? 'told by webhook'
  say(`  ${time}  ${planned.title.padEnd(widest)}  ${styleText('cyan', fact.type.padEnd(9))}  ${by}`)
}

function table(followed: Followed[]): string {
  const rows = followed.map(({ planned, timeline, missing }) => {
    const types = timeline?.events.map(({ type }) => type).filter((type) => type !== 'unknown')
    const facts = [...new Set(types)].join(' → ')
    const verdict =
      missing.length === 0 ? styleText('green', '✓') : styleText('red', `✗ missing ${missing.join(', ')}`)
    return `  ${planned.title.padEnd(widest)}  ${(timeline?.message.status ?? '?').padEnd(9)}  ${facts}  ${verdict}`
  })
  return [
    '',
    `  ${'message'.padEnd(widest)}  status     timeline, read back from the database`,
    ...rows,
    '',
  ].join('\n')
}

async function stayUp(world: DemoWorld, messageId: string): Promise<void> {
  say(
    [
      '',
      'The server stays up. Try next, in another terminal:',
      '',
      `  TOKEN=${world.token}`,
      `  curl -s -H "Authorization: Bearer $TOKEN" ${world.server.url}/api/messages/${messageId}`,
      `  curl -s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' ${world.server.url}/api/max/actions \\`,
      `    -d '{"action":"sendSMS","params":{"to":"+33612345690","body":"This one is not delivered: see why"}}'`,
      '',
      `  What the sandbox received, and its stories: ${world.sandbox.url}/sandbox`,
      '  Ctrl-C ends it.',
      '',
    ].join('\n'),
  )
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

function say(text: string): void {
  console.log(text)
}

await runCommand({ usage, read: wished, run: demo })
// Whatever was started before it failed ends too.
if (process.exitCode) process.exit()
