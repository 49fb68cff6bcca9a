import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '#support/world.ts'
import { workDone } from './crm-world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
})
afterAll(() => world.stop())

async function told(from: string, text: string): Promise<Record<string, unknown>[]> {
  const before = world.logLines.length
  await world.sandbox.say({ channel: 'sms', provider: 'twilio', from, text })
  await world.settled()
  await workDone(world)
  return world.logLines
    .slice(before)
    .map((line) => JSON.parse(line))
    .filter(({ message }) => message === 'refusal_left_unread')
}

async function unread(): Promise<number> {
  const metrics = await (await fetch(`${world.url}/metrics`)).text()
  return Number(/^comms_unread_refusals_total (\d+)/m.exec(metrics)?.[1])
}

test.each([
  ['Arrêtez, mais rappelez-moi demain', 'refusal'],
  ['supprimez mes données', 'erasure'],
  ['désabonnez-moi de vos mails', 'refusal_of_mail'],
])(
  'where nobody can be asked, an operator is told once of «%s», and of nobody by name',
  async (text, why) => {
    const from = '+33655501122'
    const before = await unread()
    const [line, ...more] = await told(from, text)
    expect(more).toEqual([])
    const [row] = await world.database.query('select id from messages order by created_at desc limit 1')
    expect(line).toMatchObject({ level: 'warn', messageId: row?.id, why })
    expect(JSON.stringify(line)).not.toContain(from.slice(4))
    expect(JSON.stringify(line)).not.toContain(text.slice(0, 8))
    expect(await unread()).toBe(before + 1)
  },
)

test.each(['STOP', 'Oui', 'Je veux arrêter', 'merci'])('«%s» asks nobody', async (text) => {
  expect(await told('+33655501133', text)).toEqual([])
})
