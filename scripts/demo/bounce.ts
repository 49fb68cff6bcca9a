import { setTimeout as pause } from 'node:timers/promises'
import { styleText } from 'node:util'
import { z } from 'zod'
import { createCalls } from './calls.ts'
import type { DemoWorld } from './world.ts'

const patienceMs = 20_000
const gone = 'bounce+anna@customers.example'

const sent = z.object({ messageId: z.uuid() })
const timeline = z.object({
  message: z.object({ status: z.string() }),
  events: z.array(z.object({ type: z.string(), code: z.string().nullish(), reason: z.string().nullish() })),
})
const refused = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
const suppressions = z.object({
  suppressions: z.array(
    z.object({
      reason: z.string(),
      code: z.string().nullish(),
      since: z.string(),
      source: z.object({ provider: z.string() }),
    }),
  ),
})
const released = z.object({ atProviders: z.array(z.object({ provider: z.string(), released: z.boolean() })) })

/**
 * `npm run demo -- --story bounce`: a mail comes back from a mailbox that is not there, the address is written to by nobody any more,
 * and a person who knows better frees it. Whether all of it happened.
 */
export async function bounceStory(world: DemoWorld, say: (text: string) => void): Promise<boolean> {
  const { ask, call } = createCalls(world)
  const mail = (provider: string) => ({
    action: 'sendEmail',
    params: { to: gone, subject: 'Votre rendez-vous', body: 'À jeudi !', provider },
  })
  const step = (text: string) => say(styleText('bold', `\n  ${text}`))
  const verdict = (holds: boolean, text: string) => {
    say(holds ? styleText('green', `    ${text}  ✓`) : styleText('red', `    ✗ not so: ${text}`))
    return holds
  }

  step('A mail to a mailbox that is not there goes out by SendGrid')
  const first = await call('/api/max/actions', sent, mail('sendgrid'))
  const ends = await endOf(first.messageId)
  const bounced = verdict(ends?.type === 'bounced', `it came back: ${ends?.code} ${ends?.reason}`)

  step('Who wanted to write to that address next')
  const second = await ask('POST', '/api/max/actions', mail('smtp'))
  const { error } = refused.catch({ error: { code: 'none', message: '' } }).parse(JSON.parse(second.text))
  const stopped = verdict(error.code === 'suppressed', `is told ${second.status}: ${error.message}`)

  step('Why, is asked for by GET /api/suppressions')
  const listed = await call(
    `/api/suppressions?channel=email&address=${encodeURIComponent(gone)}`,
    suppressions,
  )
  const [why] = listed.suppressions
  const shown = verdict(
    why?.reason === 'bounced',
    `${why?.reason} ${why?.code}, told by ${why?.source.provider}, since ${why?.since}`,
  )

  step('Anna says that her mailbox is back: a person frees the address')
  const said = { channel: 'email', address: gone, reason: 'Anna called: her mailbox is back' }
  const { atProviders } = await call('/api/suppressions/release', released, said)
  const freed = atProviders.filter((one) => one.released).map(({ provider }) => provider)
  const free = verdict(freed.length > 0, `here, and on the lists of ${freed.join(' and ')}`)

  step('The next mail')
  const third = await ask('POST', '/api/max/actions', mail('sendgrid'))
  return (
    verdict(third.status === 200, `goes out again: ${third.status}`) && bounced && stopped && shown && free
  )

  async function endOf(messageId: string) {
    for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await pause(50)) {
      const { message, events } = await call(`/api/messages/${messageId}`, timeline)
      if (message.status === 'bounced') return events.find(({ type }) => type === 'bounced')
    }
    return undefined
  }
}
