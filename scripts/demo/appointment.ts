import { setTimeout as pause } from 'node:timers/promises'
import { styleText } from 'node:util'
import { z } from 'zod'
import { type Calls, createCalls } from './calls.ts'
import type { DemoWorld } from './world.ts'

const patienceMs = 30_000
const created = z.object({ message: z.object({ id: z.uuid() }) })
const sent = z.object({ messageId: z.uuid(), status: z.string() })

/** One reminder, and how its patient answers. */
interface Story {
  title: string
  phone: string
  channel: 'whatsapp' | 'sms'
  provider: 'twilio' | 'greenapi'
  /** What the patient writes, or the button that is pressed. */
  says: string
  pressed?: boolean
  acceptance: 'Accepted' | 'Declined'
}

const stories: readonly Story[] = [
  {
    title: 'presses Confirmer (WhatsApp by Twilio)',
    phone: '+33612340170',
    channel: 'whatsapp',
    provider: 'twilio',
    says: 'Confirmer',
    pressed: true,
    acceptance: 'Accepted',
  },
  {
    title: 'types « Oui ! » (WhatsApp by Green-API)',
    phone: '+33612340270',
    channel: 'whatsapp',
    provider: 'greenapi',
    says: ' Oui ! ',
    acceptance: 'Accepted',
  },
  {
    title: 'types NON (SMS by Twilio)',
    phone: '+33612340370',
    channel: 'sms',
    provider: 'twilio',
    says: 'NON',
    acceptance: 'Declined',
  },
]

/**
 * `npm run demo -- --story appointment`: a reminder goes out, its patient answers, and the meeting in the CRM says so.
 * Whether all of them came to their end.
 */
export async function appointmentStory(world: DemoWorld, say: (text: string) => void): Promise<boolean> {
  const { call } = createCalls(world)
  const template = await call('/api/whatsapp/messages', created, {
    name: 'Rappel de rendez-vous',
    type: 'appointment',
    messageText: 'Bonjour {{prenom}}, votre consultation est après-demain. Viendrez-vous ?',
    variables: ['prenom', 'meetingId'],
    buttons: [
      { id: 'confirm:{{meetingId}}', title: 'Confirmer' },
      { id: 'cancel:{{meetingId}}', title: 'Annuler' },
    ],
  })
  let complete = true
  for (const story of stories) {
    say(styleText('bold', `\n  Anna ${story.title}`))
    complete = (await told(world, call, template.message.id, story, say)) && complete
  }
  return complete
}

async function told(
  { sandbox }: DemoWorld,
  call: Calls['call'],
  templateId: string,
  story: Story,
  say: (text: string) => void,
): Promise<boolean> {
  const { phone, channel, provider, says, pressed, acceptance } = story
  const lead = sandbox.crm.lead({ firstName: 'Anna', lastName: `Martin ${phone.slice(-3)}`, phone })
  const dateStart = new Date(Date.now() + 48 * 3_600_000)
  const meeting = sandbox.crm.meeting({ name: 'Consultation', dateStart, leads: [lead.id] })
  const about = { leadId: lead.id, parentType: 'Meeting', parentId: meeting.id }
  const variables = { prenom: 'Anna', meetingId: meeting.id }
  if (channel === 'whatsapp')
    await call(`/api/whatsapp/messages/${templateId}/send`, sent, {
      toPhoneNumber: phone,
      provider,
      variables,
      ...about,
    })
  else
    await call('/api/sms/send', sent, {
      to: phone,
      body: 'Consultation après-demain. OUI ou NON ?',
      ...about,
    })
  say('    the reminder went out')
  const button = pressed ? { button: `confirm:${meeting.id}` } : {}
  await sandbox.say({ channel, provider, from: phone, text: says, ...button })
  say(`    Anna wrote «${says}»`)
  const answered = () => acceptanceOf(sandbox.crm.record('Meeting', meeting.id)?.leadsColumns, lead.id)
  const replied = () => sandbox.received().filter(({ to }) => to === phone).length === 2
  const shown = () => sandbox.crm.records('Note').filter(({ parentId }) => parentId === lead.id)
  const done = await until(() => answered() === acceptance && replied() && shown().length >= 3)
  say(`    the meeting in the CRM: ${answered()}${acceptance === 'Declined' ? ', Not Held' : ''}`)
  for (const { post } of shown())
    say(`      in Anna’s stream: ${String(post).replaceAll('\n', ' ').slice(0, 110)}`)
  say(
    done
      ? styleText('green', '    the reply went out  ✓')
      : styleText('red', '    ✗ this did not come to its end'),
  )
  return done
}

function acceptanceOf(columns: unknown, leadId: string): string {
  const found = z.record(z.string(), z.object({ status: z.string().nullish() })).safeParse(columns)
  return found.data?.[leadId]?.status ?? 'None'
}

async function until(holds: () => boolean): Promise<boolean> {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await pause(50))
    if (holds()) return true
  return false
}
