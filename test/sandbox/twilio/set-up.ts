import twilio from 'twilio'
import { type Arrived, world } from '#support/receiver.ts'

/** A Twilio customer: the official client, and a naive one for what the client would not send. */
export async function setUp() {
  const { sandbox, receiver, setting } = await world()
  const client = twilio(setting('TWILIO_ACCOUNT_SID'), setting('TWILIO_AUTH_TOKEN'))
  client.api.baseUrl = setting('TWILIO_API_URL')
  const from = setting('TWILIO_SMS_FROM')
  const whatsApp = setting('TWILIO_WHATSAPP_FROM')
  const statusCallback = `${receiver.url}/status?message=42&who=it's`
  const post = (fields: Record<string, string>, token = setting('TWILIO_AUTH_TOKEN')) =>
    fetch(`${sandbox.url}/twilio/2010-04-01/Accounts/${setting('TWILIO_ACCOUNT_SID')}/Messages.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${setting('TWILIO_ACCOUNT_SID')}:${token}`)}` },
      body: new URLSearchParams(fields),
    })
  return { sandbox, receiver, setting, client, from, whatsApp, statusCallback, post }
}

/** The form in a webhook. */
export function fields(arrived: Arrived): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(arrived.body))
}
