import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type Api, created, twilioApi, twilioError } from './api.ts'
import { message, sent, thrownBy } from './sending.ts'

const open: Api[] = []
afterEach(async () => {
  for (const api of open.splice(0)) await api.close()
})

async function api(answer: (response: ServerResponse) => void): Promise<Api> {
  const started = await twilioApi(answer)
  open.push(started)
  return started
}

const buttons = [
  { id: 'confirm:42', title: 'Oui' },
  { id: 'cancel:42', title: 'Non' },
]
const template = { contentSid: `HX${'a'.repeat(32)}`, variables: { '1': 'Marie', '2': "l'heure" } }

describe('a template on the wire', () => {
  it('goes by its sid and its variables as a JSON text, without a body', async () => {
    const twilio = await api(created())
    await sent(twilio, { baseUrl: undefined }, { ...message, template, buttons })
    expect(twilio.posts[0]?.form).toEqual({
      To: 'whatsapp:+33612345678',
      From: 'whatsapp:+14155238886',
      ContentSid: template.contentSid,
      ContentVariables: '{"1":"Marie","2":"l\'heure"}',
    })
  })

  it('without variables goes by its sid alone', async () => {
    const twilio = await api(created())
    await sent(twilio, { baseUrl: undefined }, { ...message, template: { ...template, variables: {} } })
    expect(twilio.posts[0]?.form).toEqual({
      To: 'whatsapp:+33612345678',
      From: 'whatsapp:+14155238886',
      ContentSid: template.contentSid,
    })
  })

  it('that Twilio does not know shows its buttons in the text', async () => {
    const twilio = await api(created())
    await sent(twilio, {}, { ...message, buttons })
    expect(twilio.posts[0]?.form).toMatchObject({ Body: `${message.body}\n\n• Oui\n• Non` })
    expect(twilio.posts[0]?.form).not.toHaveProperty('ContentSid')
  })

  it.each([
    [21655, 'the template is not valid (ContentSid)'],
    [21656, "the template's variables are not valid (ContentVariables)"],
  ])('that is refused with %i is refused for good', async (code, meaning) => {
    const twilio = await api(twilioError(400, code, 'The ContentVariables Parameter is invalid'))
    expect(await thrownBy(sent(twilio, {}, { ...message, template }))).toMatchObject({
      certainty: 'permanent',
      providerCode: String(code),
      message: `twilio: ${code}: ${meaning}`,
    })
  })

  it('has none of its values in an error, also where Twilio quotes them', async () => {
    const told = JSON.stringify(template.variables)
    const twilio = await api(twilioError(400, 29999, `Bad ${told} for Marie, l'heure`))
    const { message: said } = await thrownBy(sent(twilio, {}, { ...message, template }))
    expect(said).toContain('29999')
    for (const value of Object.values(template.variables)) expect(said).not.toContain(value)
  })
})
