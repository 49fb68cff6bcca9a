import { expect } from 'vitest'
import type { World } from '#support/world.ts'

export const path = '/api/whatsapp/messages'
/** Of the form of a sid of Twilio, which knows no such template. */
export const unknownSid = `HX${'0'.repeat(32)}`

export const reminder = {
  type: 'appointment',
  messageText: 'Bonjour {{prenom}}, votre RDV est le {{date}}.',
  variables: ['prenom', 'date'],
}
export const withButtons = {
  ...reminder,
  variables: ['prenom', 'date', 'meetingId'],
  buttons: [
    { id: 'confirm:{{meetingId}}', title: 'Je confirme' },
    { id: 'cancel:{{meetingId}}', title: "J'annule" },
  ],
}
export const values = { prenom: 'Anna', date: 'demain 14h' }

/** What tests ask of templates through the door; each template is called by another name. */
export function templatesOf(world: () => World) {
  let made = 0
  function create(fields: object = {}, headers: Record<string, string> = {}) {
    made += 1
    return world().call('POST', path, { name: `Template ${made}`, ...reminder, ...fields }, headers)
  }
  return {
    create,
    async created(fields: object = {}): Promise<string> {
      const { status, body } = await create(fields)
      expect(status, JSON.stringify(body)).toBe(201)
      return body.message.id
    },
    send(id: string, fields: object = {}, headers: Record<string, string> = {}) {
      const params = { toPhoneNumber: '+33612345670', variables: values, ...fields }
      return world().call('POST', `${path}/${id}/send`, params, headers)
    },
    async message(id: string) {
      return (await world().call('GET', `/api/messages/${id}`)).body.message
    },
  }
}

/** The fields that a refusal names. */
export const pathsOf = (body: { error: { issues: { path: string }[] } }) =>
  body.error.issues.map((issue) => issue.path)
