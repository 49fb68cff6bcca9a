import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { optOuts, optOutsAmongMore } from '../model/opt-outs.ts'
import { hadEnough, hadEnoughAmongMore } from '../model/opt-outs-had-enough.ts'
import { erasing, leaving, notAsked, perhapsErasing, strangers } from '../model/opt-outs-of-what.ts'
import { optOutsSaidOtherwise } from '../model/opt-outs-said-otherwise.ts'
import { meetingOf, patient, startCrmWorld, tasks, workDone, writes } from './crm-world.ts'

let world: Awaited<ReturnType<typeof startCrmWorld>>['world']
beforeAll(async () => {
  ;({ world } = await startCrmWorld())
})
afterAll(() => world.stop())

const ways = [
  { channel: 'sms', provider: 'twilio', action: 'sendSMS' },
  { channel: 'whatsapp', provider: 'twilio', action: 'sendWhatsApp' },
  { channel: 'whatsapp', provider: 'greenapi', action: 'sendWhatsApp' },
] as const
const sentBy = (provider: string, channel: string) => (channel === 'sms' ? {} : { provider })
/** The first, which were reported, and some of the others; each way gets others of them. What they say is tried in test/model. */
const spread = (texts: readonly string[]) =>
  texts
    .filter((_text, at) => at < 20 || at % 8 === 0)
    .map((text, at) => ({ text, ...(ways[at % ways.length] ?? ways[0]) }))

async function written(
  { text, channel, provider, action }: ReturnType<typeof spread>[number],
  about: 'appointment' | 'nothing' = 'nothing',
) {
  const anna = patient(world)
  const parent = about === 'appointment' ? { parentType: 'Meeting', parentId: anna.meeting.id } : {}
  const send = (body: string) =>
    world.action(action, {
      to: anna.phone,
      body,
      leadId: anna.lead.id,
      ...parent,
      ...sentBy(provider, channel),
    })
  expect((await send('RDV demain. STOP au 36111')).status).toBe(200)
  await writes(world, { channel, provider, from: anna.phone, text })
  return { anna, after: await send('promo') }
}

// Public reports: p2pu/learning-circles#593, #372; braze-inc/braze-docs#10177; medic/cht-core#476; the French "STOP au 36xxx".
describe('whoever asks not to be written to', () => {
  test.each([...spread(optOuts), ...spread(optOutsSaidOtherwise), ...spread(hadEnough)])(
    'is not, after «$text» by $channel of $provider',
    async (way) => {
      const { anna, after } = await written(way)
      expect([after.status, after.body.error?.code]).toEqual([422, 'suppressed'])
      expect(tasks(world, anna.lead.id)).toEqual([])
    },
  )

  test.each([...spread(optOutsAmongMore), ...spread(hadEnoughAmongMore), ...spread(notAsked)])(
    'beside more, «$text» by $channel of $provider, is read by a person',
    async (way) => {
      const { anna, after } = await written(way)
      expect(after.status).toBe(200)
      const [task, ...more] = tasks(world, anna.lead.id)
      expect(task?.name).toContain('ne souhaite peut-être plus recevoir')
      expect(more).toEqual([])
    },
  )

  test.each(spread(erasing))(
    'and to be forgotten, is not, after «$text», and a person is told',
    async (way) => {
      const { anna, after } = await written(way)
      expect([after.status, after.body.error?.code]).toEqual([422, 'suppressed'])
      const [task, ...more] = tasks(world, anna.lead.id)
      expect(task?.name).toContain('effacement de ses données')
      expect(more).toEqual([])
    },
  )

  test.each(spread(strangers))(
    'at a wrong number is not, after «$text», and a person is told',
    async (way) => {
      const { anna, after } = await written(way)
      expect([after.status, after.body.error?.code]).toEqual([422, 'suppressed'])
      expect(tasks(world, anna.lead.id).map(({ name }) => name)).toEqual([
        expect.stringContaining('mauvais numéro'),
      ])
    },
  )

  test.each(spread(perhapsErasing))('may want to be forgotten, after «$text»', async (way) => {
    const { anna, after } = await written(way)
    expect(after.status).toBe(200)
    expect(tasks(world, anna.lead.id).map(({ name }) => name)).toEqual([
      expect.stringContaining('effacement de ses données'),
    ])
  })

  test.each(spread(leaving))('may mean the appointment too, after a reminder: «$text»', async (way) => {
    const { anna, after } = await written(way, 'appointment')
    expect([after.status, after.body.error?.code]).toEqual([422, 'suppressed'])
    expect(tasks(world, anna.lead.id).map(({ name }) => name)).toEqual([
      expect.stringContaining('renonce peut-être à son rendez-vous'),
    ])
    expect(meetingOf(world, anna.meeting.id).status).toBe('Planned')
  })

  const ofMessages = ['Retirez-moi de votre liste', 'désinscription sms', 'remove me from your list']
  test.each(spread(['STOP', 'Arrêtez vos SMS', 'unsubscribe', 'Je veux arrêter', ...ofMessages]))(
    'is no task, where nothing else can be meant: «$text»',
    async (way) => {
      const { anna } = await written(way, way.text.startsWith('Je') ? 'nothing' : 'appointment')
      expect(tasks(world, anna.lead.id)).toEqual([])
    },
  )

  test('whom the CRM does not know is a task all the same', async () => {
    const text = 'stop, mais rappelez-moi'
    await writes(world, { channel: 'sms', provider: 'twilio', from: '+33655500011', text })
    await workDone(world)
    const [task] = world.sandbox.crm
      .records('Task')
      .filter(({ description }) => String(description).includes(text))
    expect(task?.name).toContain('ne souhaite peut-être plus recevoir')
  })
})
