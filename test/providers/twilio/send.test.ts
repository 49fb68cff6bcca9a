import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type Api, created, twilioApi } from './api.ts'
import { accountSid, authToken, message, sent, thrownBy } from './sending.ts'

const open: Api[] = []
afterEach(async () => {
  for (const api of open.splice(0)) await api.close()
})

async function api(answer: (response: ServerResponse) => void): Promise<Api> {
  const started = await twilioApi(answer)
  open.push(started)
  return started
}

describe('a message on the wire', () => {
  it('is posted as WhatsApp with its status callback', async () => {
    const twilio = await api(created())
    await sent(twilio)
    expect(twilio.posts).toEqual([
      {
        method: 'POST',
        path: `/2010-04-01/Accounts/${accountSid}/Messages.json`,
        authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
        type: 'application/x-www-form-urlencoded',
        form: {
          To: 'whatsapp:+33612345678',
          From: 'whatsapp:+14155238886',
          Body: message.body,
          StatusCallback: `https://comms.example.test/webhooks/twilio-whatsapp?m=${message.id}#ct=2000&rt=3500&rc=3&rp=5xx,ct,rt`,
        },
      },
    ])
  })

  it('is posted as SMS, with no callback where there is no public URL', async () => {
    const twilio = await api(created({ from: '+33757000000', to: '+33612345678' }))
    await sent(twilio, { baseUrl: undefined }, { ...message, channel: 'sms' })
    expect(twilio.posts[0]?.form).toEqual({ To: '+33612345678', From: '+33757000000', Body: message.body })
  })

  it('goes by the Messaging Service where the channel has no sender of its own', async () => {
    const twilio = await api(created({ status: 'accepted', from: null, messaging_service_sid: 'MG1' }))
    const receipt = await sent(twilio, {
      baseUrl: undefined,
      messagingServiceSid: 'MG1',
      from: { sms: '+33757000000' },
    })
    expect(twilio.posts[0]?.form).toEqual({
      To: 'whatsapp:+33612345678',
      MessagingServiceSid: 'MG1',
      Body: message.body,
    })
    expect(receipt).toMatchObject({ type: 'queued', providerType: 'accepted', sender: undefined })
  })

  it('is refused without a request where nothing can send it', async () => {
    const twilio = await api(created())
    expect(await thrownBy(sent(twilio, { from: {} }))).toMatchObject({ certainty: 'permanent' })
    const email = {
      ...message,
      channel: 'email',
      subject: 's',
      tracking: { opens: false, clicks: false },
    } as const
    expect(await thrownBy(sent(twilio, {}, email))).toMatchObject({ certainty: 'permanent' })
    expect(twilio.posts).toEqual([])
  })
})

describe('the receipt', () => {
  it('has the id that the webhook would give the same fact, and no text', async () => {
    const receipt = await sent(await api(created()))
    expect(receipt).toEqual({
      providerMessageId: 'SM00000000000000000000000000000001',
      eventId: 'SM00000000000000000000000000000001:queued',
      type: 'queued',
      providerType: 'queued',
      sender: '+14155238886',
      raw: {
        sid: 'SM00000000000000000000000000000001',
        status: 'queued',
        from: 'whatsapp:+14155238886',
        messagingServiceSid: null,
        numSegments: '1',
      },
    })
  })

  it('does not take the id of a later fact', async () => {
    const receipt = await sent(await api(created({ status: 'delivered' })))
    expect(receipt).toMatchObject({
      type: 'queued',
      providerType: 'delivered',
      eventId: 'SM00000000000000000000000000000001:created',
    })
  })
})
