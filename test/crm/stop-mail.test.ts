import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noMail, noMailEither } from '../model/opt-outs-of-what.ts'
import { patient, startCrmWorld, tasks, workDone, writes } from './crm-world.ts'

let world: Awaited<ReturnType<typeof startCrmWorld>>['world']
beforeAll(async () => {
  ;({ world } = await startCrmWorld())
})
afterAll(() => world.stop())

type Person = ReturnType<typeof patient>

const sms = ({ phone, lead }: Person) =>
  world.action('sendSMS', { to: phone, body: 'RDV demain. STOP au 36111', leadId: lead.id })
const email = (to: string) => world.action('sendEmail', { to, subject: 'Offre', body: 'Bonjour' })
const says = async (person: Person, text: string, channel: 'sms' | 'whatsapp' = 'sms') => {
  await writes(world, { channel, provider: 'twilio', from: person.phone, text })
}
const outcome = async (sent: ReturnType<typeof email>) => {
  const { status, body } = await sent
  return status === 200 ? 'sent' : body.error.code
}
const spread = (texts: readonly string[]) => texts.filter((_text, at) => at % 4 === 0)
/** Somebody of the team enters another address. */
async function alsoAt({ lead, email }: Person, other: string) {
  const { ESPOCRM_URL: url, ESPOCRM_API_KEY: key = '' } = world.sandbox.environment
  const emailAddressData = [{ emailAddress: email, primary: true }, { emailAddress: other }]
  const { status } = await fetch(`${url}/api/v1/Lead/${lead.id}`, {
    method: 'PUT',
    headers: { 'X-Api-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ emailAddressData }),
  })
  expect(status).toBe(200)
}
const addresses = (person: Person) => world.sandbox.crm.record('Lead', person.lead.id)?.emailAddressData

describe('who wants no more mail, and says so by a text message', () => {
  test.each(['désabonnez-moi de vos mails', 'unsubscribe me from your emails', ...spread(noMail)])(
    'gets none, and text messages as before: «%s»',
    async (text) => {
      const anna = patient(world)
      expect(await outcome(sms(anna))).toBe('sent')
      await says(anna, text)
      expect(await outcome(email(anna.email.toUpperCase()))).toBe('suppressed')
      expect(await outcome(sms(anna))).toBe('sent')
      expect(tasks(world, anna.lead.id)).toEqual([])
      expect(addresses(anna)).toMatchObject([{ emailAddress: anna.email, optOut: true }])
    },
  )

  test.each(spread(noMailEither))('and of both, gets neither: «%s»', async (text) => {
    const anna = patient(world)
    await sms(anna)
    await says(anna, text)
    expect(await outcome(email(anna.email))).toBe('suppressed')
    expect(await outcome(sms(anna))).toBe('suppressed')
  })

  test('is freed only at their wish, and by any that is said of the address', async () => {
    const anna = patient(world)
    await sms(anna)
    await says(anna, 'plus de mails svp')
    const ops = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
    const release = (more: object) =>
      world.call(
        'POST',
        '/api/suppressions/release',
        { channel: 'email', address: anna.email, reason: 'asked again', ...more },
        ops,
      )
    expect((await release({})).status).toBe(409)
    expect((await release({ force: true })).status).toBe(200)
    expect(await outcome(email(anna.email))).toBe('sent')
  })

  test('at every address that the CRM has, by whichever way it was said', async () => {
    const anna = patient(world)
    const other = `other.${anna.email}`
    world.sandbox.crm.lead({ firstName: 'Paul', lastName: 'Autre', phone: '+33655500033', email: other })
    await alsoAt(anna, `2.${anna.email}`)
    await sms(anna)
    await says(anna, 'Stop mails', 'whatsapp')
    expect(await outcome(email(anna.email))).toBe('suppressed')
    expect(await outcome(email(`2.${anna.email}`))).toBe('suppressed')
    expect(await outcome(email(other))).toBe('sent')
  })

  test('where nobody knows their address, it is a task, and text messages go on', async () => {
    const phone = '+33655500044'
    const lead = world.sandbox.crm.lead({ firstName: 'Léa', lastName: 'Sans', phone })
    const sent = () => world.action('sendSMS', { to: phone, body: 'RDV', leadId: lead.id })
    await sent()
    await writes(world, {
      channel: 'sms',
      provider: 'twilio',
      from: phone,
      text: 'désabonnez-moi de vos mails',
    })
    expect(tasks(world, lead.id).map(({ name }) => name)).toEqual([expect.stringContaining('mails')])
    expect(await outcome(sent())).toBe('sent')
  })

  test('where several have the number, nobody’s mail is stopped by a guess', async () => {
    const anna = patient(world)
    const paul = world.sandbox.crm.lead({
      firstName: 'Paul',
      lastName: 'Martin',
      phone: anna.phone,
      email: `paul.${anna.email}`,
    })
    await writes(world, { channel: 'sms', provider: 'twilio', from: anna.phone, text: 'plus de mails' })
    await workDone(world)
    expect(await outcome(email(anna.email))).toBe('sent')
    expect(await outcome(email(`paul.${anna.email}`))).toBe('sent')
    expect([...tasks(world, anna.lead.id), ...tasks(world, paul.id)]).toHaveLength(1)
  })

  test('is not believed of somebody whom only a send named', async () => {
    const anna = patient(world)
    const phone = '+33655500055'
    await world.action('sendSMS', { to: phone, body: 'RDV', leadId: anna.lead.id })
    await writes(world, { channel: 'sms', provider: 'twilio', from: phone, text: 'plus de mails' })
    expect(await outcome(email(anna.email))).toBe('sent')
    expect(tasks(world, anna.lead.id)).toHaveLength(1)
  })
})
