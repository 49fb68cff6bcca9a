import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { uuid } from '#support/forms.ts'
import { startWorld, type World } from '#support/world.ts'
import { path, pathsOf, templatesOf, unknownSid, values, withButtons } from './template-requests.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 50 })
})
afterAll(() => world.stop())

const { created, send, message } = templatesOf(() => world)
const bearer = async (tenantId?: string) => ({ Authorization: `Bearer ${await world.token(tenantId)}` })

/** Creates it at the sandbox's Content API as it is written there, and gives its sid. */
async function contentAt(types: object, variables: Record<string, string>): Promise<string> {
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_URL } = world.sandbox.environment
  const response = await fetch(`${TWILIO_API_URL}/v1/Content`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${TWILIO_ACCOUNT_SID}:${TWILIO_AUTH_TOKEN}`)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ friendly_name: 'x', language: 'fr', types, variables }),
  })
  expect(response.status).toBe(201)
  return JSON.parse(await response.text()).sid
}

describe('a message of a template', () => {
  test('is sent rendered, and says where it comes from', async () => {
    const id = await created()
    const { status, body } = await send(id, { parentType: 'Meeting', parentId: 'm-1', metadata: { a: 1 } })
    expect(status).toBe(200)
    expect(body).toEqual({
      success: true,
      provider: 'twilio',
      entityId: body.messageSid,
      messageSid: expect.stringMatching(/^SM/),
      messageId: expect.stringMatching(uuid),
      status: 'queued',
      to: '+33612345670',
      preview: 'WhatsApp envoyé à +33612345670',
      warnings: expect.any(Array),
    })
    expect(await message(body.messageId)).toMatchObject({
      text: 'Bonjour Anna, votre RDV est le demain 14h.',
      templateId: id,
      templateType: 'appointment',
      parentType: 'Meeting',
      parentId: 'm-1',
      metadata: { a: 1 },
      channel: 'whatsapp',
    })
  })

  test('may have its number in any usual writing', async () => {
    const { body } = await send(await created(), { toPhoneNumber: '06 12 34 56 70' })
    expect(body.to).toBe('+33612345670')
  })

  test.each<[string, object, string[]]>([
    ['no number', { toPhoneNumber: undefined }, ['toPhoneNumber']],
    ['a number that is none', { toPhoneNumber: '12' }, ['toPhoneNumber']],
    ['no values', { variables: undefined }, ['variables.prenom', 'variables.date']],
    ['a value missing', { variables: { prenom: 'A' } }, ['variables.date']],
    ['a value too many', { variables: { ...values, heure: '14h' } }, ['variables.heure']],
    ['a value that is not a text', { variables: { ...values, date: 14 } }, ['variables.date']],
    ['an empty value', { variables: { ...values, date: '' } }, ['variables.date']],
    ['a value of spaces', { variables: { ...values, date: '   ' } }, ['variables.date']],
    ['a value of a no-break space', { variables: { ...values, date: '\u00a0' } }, ['variables.date']],
    ['a value that nobody sees', { variables: { ...values, date: '\u200b\ufeff' } }, ['variables.date']],
    ['a value of two lines', { variables: { ...values, date: 'a\nb' } }, ['variables.date']],
    ['five spaces in a value', { variables: { ...values, date: 'a     b' } }, ['variables.date']],
    ['an unknown field', { to: '+33612345670' }, ['to']],
    ['a provider that is none', { provider: 'smtp' }, ['provider']],
  ])('with %s is refused, and the field is named', async (_what, fields, paths) => {
    const { status, body } = await send(await created(), fields)
    expect({ status, code: body.error.code, paths: pathsOf(body) }).toEqual({
      status: 400,
      code: 'invalid_params',
      paths,
    })
  })

  test('that makes the id of a button too long is refused', async () => {
    const long = { ...values, meetingId: 'x'.repeat(200) }
    const { status, body } = await send(await created(withButtons), { variables: long })
    expect({ status, paths: pathsOf(body) }).toEqual({ status: 400, paths: ['variables'] })
  })

  test('goes out for the tenant of its template', async () => {
    const id = await created()
    const everybody = await bearer()
    const sent = await send(id, {}, everybody)
    expect(await message(sent.body.messageId)).toMatchObject({ tenantId: 't1' })
    expect(await send(id, { tenantId: 't2' }, everybody)).toMatchObject({ status: 404 })
    expect(await send(id, { tenantId: 't2' })).toMatchObject({ status: 403 })
  })

  test('is sent once for its key, and is another request for another template', async () => {
    const [id, other] = [await created(), await created()]
    const key = { idempotencyKey: 'reminder-42' }
    const first = await send(id, key)
    const again = await send(id, {}, { 'Idempotency-Key': key.idempotencyKey })
    expect(again).toMatchObject({
      status: 200,
      body: { messageSid: first.body.messageSid, to: first.body.to },
    })
    expect(await send(other, key)).toMatchObject({ status: 409 })
    expect(world.sandbox.received().filter(({ id: sid }) => sid === first.body.messageSid)).toHaveLength(1)
  })

  test('that is refused for good is answered 422, one that the provider lost 202', async () => {
    const id = await created()
    const refused = await send(id, { toPhoneNumber: '+33612345680' })
    expect(refused).toMatchObject({
      status: 422,
      body: {
        messageId: expect.stringMatching(uuid),
        error: { code: 'provider_rejected', providerCode: '21211' },
      },
    })
    const lost = await send(id, { toPhoneNumber: '+33612345684' })
    expect(lost).toMatchObject({
      status: 202,
      body: { status: 'unknown', messageSid: null, entityId: null, to: '+33612345684' },
    })
  })

  test('whose outcome was unknown is found at Twilio by its text', async () => {
    const sent = await send(await created(withButtons), {
      toPhoneNumber: '+33612340084',
      variables: { ...values, meetingId: 'm-7' },
    })
    expect(sent.body.status).toBe('unknown')
    await world.settled()
    await world.database.query('update messages set check_at = now() where id = $1', [sent.body.messageId])
    await vi.waitFor(
      async () => expect(await message(sent.body.messageId)).toMatchObject({ status: 'read' }),
      { timeout: 10_000, interval: 50 },
    )
  })
})

describe('the buttons of a template', () => {
  const variables = { ...values, meetingId: 'm-7' }
  const shown = "Bonjour Anna, votre RDV est le demain 14h.\n\n• Je confirme\n• J'annule"

  test.each(['twilio', 'greenapi'])('are shown in the text by %s, which is said', async (provider) => {
    const { body } = await send(await created(withButtons), { variables, provider })
    expect(body.warnings).toContain('buttons_as_text')
    const received = world.sandbox.received().find(({ id }) => id === body.messageSid)
    expect(received).toMatchObject({ provider, text: shown })
    expect(await message(body.messageId)).toMatchObject({ text: shown.split('\n')[0] })
  })

  test('are buttons where Twilio knows the template, and the one pressed comes back with its id', async () => {
    const contentSid = await contentAt(
      {
        'twilio/quick-reply': {
          body: 'Bonjour {{1}}, votre RDV est le {{2}}.',
          actions: withButtons.buttons.map(({ title }, index) => ({
            title,
            id: `${index === 0 ? 'confirm' : 'cancel'}:{{3}}`,
          })),
        },
      },
      { '1': 'a', '2': 'b', '3': 'c' },
    )
    const id = await created({ ...withButtons, contentSid })
    const { status, body } = await send(id, { toPhoneNumber: '+33612345697', variables })
    expect({ status, warnings: body.warnings }).toEqual({ status: 200, warnings: [] })
    await world.settled()
    const received = world.sandbox.received().find(({ id: sid }) => sid === body.messageSid)
    expect(received).toMatchObject({
      text: 'Bonjour Anna, votre RDV est le demain 14h.',
      references: { contentSid, contentVariables: '{"1":"Anna","2":"demain 14h","3":"m-7"}' },
    })
    const { body: list } = await world.call('GET', '/api/messages?status=received&limit=1')
    expect(list.messages[0]).toMatchObject({
      sender: '+33612345697',
      text: 'Je confirme',
      buttonPayload: 'confirm:m-7',
      repliedTo: body.messageSid,
    })
  })

  test('of one that Twilio knows are shown in the text by Green-API', async () => {
    const id = await created({ ...withButtons, contentSid: unknownSid })
    const { body } = await send(id, { variables, provider: 'greenapi' })
    const received = world.sandbox.received().find(({ id: sid }) => sid === body.messageSid)
    expect(received?.text).toBe(shown)
  })
})

describe('a template that Twilio knows', () => {
  test('is sent by its sid also when it waited, and changed meanwhile', async () => {
    const contentSid = await contentAt(
      { 'twilio/text': { body: 'Bonjour {{1}}, votre RDV est le {{2}}.' } },
      { '1': 'a', '2': 'b' },
    )
    const id = await created({ contentSid })
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const scheduled = await send(id, { sendAt, toPhoneNumber: '+33612340185' })
    expect(scheduled).toMatchObject({ status: 202, body: { status: 'scheduled', messageSid: null } })
    await world.call('PATCH', `${path}/${id}`, { messageText: 'Autre {{prenom}} {{date}} !' })
    await world.database.query('update messages set next_attempt_at = now() where id = $1', [
      scheduled.body.messageId,
    ])
    await vi.waitFor(
      async () => expect(await message(scheduled.body.messageId)).toMatchObject({ status: 'queued' }),
      { timeout: 10_000, interval: 50 },
    )
    const received = world.sandbox.received().find(({ to }) => to === '+33612340185')
    expect(received).toMatchObject({
      text: 'Bonjour Anna, votre RDV est le demain 14h.',
      references: { contentSid, contentVariables: '{"1":"Anna","2":"demain 14h"}' },
    })
  })

  test('under a sid that it does not know after all is refused for good, and the values are not told', async () => {
    const { status, body } = await send(await created({ contentSid: unknownSid }))
    expect({ status, code: body.error.providerCode }).toEqual({ status: 422, code: '21655' })
    expect(body.error.message).toContain('ContentSid')
  })
})

test('no line of the log holds a value, a text or a number', () => {
  const log = world.logLines.join('')
  for (const personal of ['Anna', 'demain 14h', 'Bonjour', '+33612345670', 'Je confirme'])
    expect(log.includes(personal), personal).toBe(false)
})
