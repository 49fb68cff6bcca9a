import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startWorld, type World } from '#support/world.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const path = '/api/whatsapp/messages'
const unknownSid = `HX${'0'.repeat(32)}`

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 50 })
})
afterAll(() => world.stop())

const reminder = {
  type: 'appointment',
  messageText: 'Bonjour {{prenom}}, votre RDV est le {{date}}.',
  variables: ['prenom', 'date'],
}
const withButtons = {
  ...reminder,
  variables: ['prenom', 'date', 'meetingId'],
  buttons: [
    { id: 'confirm:{{meetingId}}', title: 'Je confirme' },
    { id: 'cancel:{{meetingId}}', title: "J'annule" },
  ],
}
const values = { prenom: 'Anna', date: 'demain 14h' }

let made = 0
function create(fields: object = {}, headers: Record<string, string> = {}) {
  made += 1
  return world.call('POST', path, { name: `Template ${made}`, ...reminder, ...fields }, headers)
}

async function created(fields: object = {}): Promise<string> {
  const { status, body } = await create(fields)
  expect(status, JSON.stringify(body)).toBe(201)
  return body.message.id
}

function send(id: string, fields: object = {}, headers: Record<string, string> = {}) {
  const params = { toPhoneNumber: '+33612345670', variables: values, ...fields }
  return world.call('POST', `${path}/${id}/send`, params, headers)
}

async function message(id: string) {
  return (await world.call('GET', `/api/messages/${id}`)).body.message
}

const pathsOf = (body: { error: { issues: { path: string }[] } }) =>
  body.error.issues.map((issue) => issue.path)

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

test("the audit's script 3 works as it is written", async () => {
  const authorization = { Authorization: `Bearer ${await world.token('macrea')}` }
  const template = await world.call(
    'POST',
    path,
    {
      tenantId: 'macrea',
      name: 'Test Message',
      type: 'appointment',
      messageText: 'Bonjour {{prenom}}, votre RDV est le {{date}}.',
      variables: ['prenom', 'date'],
    },
    authorization,
  )
  expect(template.status).toBe(201)
  const sent = await world.call(
    'POST',
    `${path}/${template.body.message.id}/send`,
    {
      toPhoneNumber: '+15005550006',
      leadId: 'test_lead_id',
      variables: { prenom: 'Test', date: 'demain 14h' },
    },
    authorization,
  )
  expect(sent).toMatchObject({
    status: 200,
    body: {
      success: true,
      messageSid: expect.stringMatching(/^SM[0-9a-f]{32}$/),
      status: 'queued',
      to: '+15005550006',
      messageId: expect.stringMatching(uuid),
    },
  })
  const received = world.sandbox.received().find(({ id }) => id === sent.body.messageSid)
  expect(received).toMatchObject({ channel: 'whatsapp', text: 'Bonjour Test, votre RDV est le demain 14h.' })
})

describe('a template', () => {
  test('is created, and shown as it was given', async () => {
    const { status, body } = await create({ name: 'Rappel', ...withButtons, contentSid: unknownSid })
    expect(status).toBe(201)
    expect(body).toEqual({
      success: true,
      message: {
        id: expect.stringMatching(uuid),
        tenantId: 't1',
        name: 'Rappel',
        ...withButtons,
        contentSid: unknownSid,
        createdAt: expect.stringMatching(moment),
        updatedAt: expect.stringMatching(moment),
      },
    })
    expect(await world.call('GET', `${path}/${body.message.id}`)).toMatchObject({ status: 200, body })
  })

  test('without variables and buttons is a plain text', async () => {
    const { body } = await create({ messageText: 'Bonjour.', variables: undefined })
    expect(body.message).toMatchObject({ variables: [], buttons: [], contentSid: null })
  })

  test.each<[string, object, string[]]>([
    ['no name', { name: undefined }, ['name']],
    ['no type', { type: undefined }, ['type']],
    ['no text', { messageText: undefined }, ['messageText']],
    ['a text of a number', { messageText: 7 }, ['messageText']],
    ['a name used and not declared', { variables: ['prenom'] }, ['variables']],
    ['a name declared and not used', { variables: ['prenom', 'date', 'heure'] }, ['variables.2']],
    ['a name that is none', { variables: ['prenom', 'date', 'first name'] }, ['variables.2']],
    ['variables that are no list', { variables: { prenom: 1 } }, ['variables']],
    ['four buttons', { buttons: [1, 2, 3, 4].map((n) => ({ id: `b${n}`, title: `B${n}` })) }, ['buttons']],
    ['a title of 21 characters', { buttons: [{ id: 'a', title: 'x'.repeat(21) }] }, ['buttons.0.title']],
    ['a title with a variable', { buttons: [{ id: 'a', title: '{{prenom}}' }] }, ['buttons.0.title']],
    ['a button without an id', { buttons: [{ title: 'Oui' }] }, ['buttons.0.id']],
    ['a button with more', { buttons: [{ id: 'a', title: 'A', url: 'x' }] }, ['buttons.0.url']],
    ['a sid that is none', { contentSid: 'HX1' }, ['contentSid']],
    ['an unknown field', { text: 'x' }, ['text']],
  ])('with %s is refused, and the field is named', async (_what, fields, paths) => {
    const { status, body } = await create(fields)
    expect({ status, code: body.error.code, paths: pathsOf(body) }).toEqual({
      status: 400,
      code: 'invalid_params',
      paths,
    })
  })

  test('of a name that is taken is refused, for its tenant alone', async () => {
    await created({ name: 'Once' })
    const again = await create({ name: 'Once' })
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'name_taken' } } })
    expect(await create({ name: 'Once' }, await bearer('t9'))).toMatchObject({ status: 201 })
  })

  test('is for the tenant of the token, or the one that is named', async () => {
    const everybody = await bearer()
    expect(await create({ tenantId: 't2' })).toMatchObject({ status: 403 })
    expect(await create({}, everybody)).toMatchObject({ status: 400 })
    const { body } = await create({ tenantId: 't2' }, everybody)
    expect(body.message.tenantId).toBe('t2')
  })

  test.each(['GET', 'PATCH', 'DELETE', 'SEND'])('of another tenant is not there for %s', async (method) => {
    const id = await created()
    const other = await bearer('t2')
    const { status, body } = await (method === 'SEND'
      ? send(id, {}, other)
      : world.call(method, `${path}/${id}`, method === 'PATCH' ? { type: 'x' } : undefined, other))
    expect({ status, code: body.error.code }).toEqual({ status: 404, code: 'not_found' })
    expect((await world.call('GET', `${path}/${id}`)).body.message.type).toBe('appointment')
  })

  test.each(['GET', 'PATCH', 'DELETE', 'SEND'])('under what is no id is refused for %s', async (method) => {
    const { status, body } = await (method === 'SEND'
      ? send('42')
      : world.call(method, `${path}/42`, method === 'PATCH' ? { type: 'x' } : undefined))
    expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_params' })
  })

  test('is deleted once, and what was sent from it stays', async () => {
    const id = await created()
    const sent = await send(id)
    expect(await world.call('DELETE', `${path}/${id}`)).toMatchObject({
      status: 200,
      body: { success: true },
    })
    expect(await world.call('DELETE', `${path}/${id}`)).toMatchObject({ status: 404 })
    expect(await send(id)).toMatchObject({ status: 404 })
    expect(await message(sent.body.messageId)).toMatchObject({ templateId: id, templateType: 'appointment' })
  })

  test('needs a token', async () => {
    const none = { Authorization: '' }
    expect(await create({}, none)).toMatchObject({ status: 401 })
    expect(await world.call('GET', path, undefined, none)).toMatchObject({ status: 401 })
  })
})

describe('the list of templates', () => {
  const names = async (query: string, headers: Record<string, string>) => {
    const { body } = await world.call('GET', `${path}${query}`, undefined, headers)
    return body.messages.map(({ name }: { name: string }) => name)
  }

  test('has the newest first, of the tenant and type asked for, page by page', async () => {
    const [list, everybody] = [await bearer('list'), await bearer()]
    for (const [index, type] of ['a', 'b', 'a'].entries()) await create({ name: `L${index}`, type }, list)
    expect(await names('', list)).toEqual(['L2', 'L1', 'L0'])
    expect(await names('?type=a', list)).toEqual(['L2', 'L0'])
    expect(await names('?tenantId=list', everybody)).toEqual(['L2', 'L1', 'L0'])
    const first = await world.call('GET', `${path}?limit=2`, undefined, list)
    expect(first.body.messages).toHaveLength(2)
    expect(await names(`?limit=2&cursor=${first.body.nextCursor}`, list)).toEqual(['L0'])
    expect((await world.call('GET', `${path}?limit=3`, undefined, list)).body.nextCursor).toBeNull()
  })

  test.each(['?tenantId=t2', '?limit=0', '?cursor=x', '?name=x'])(
    'asked for with %s is refused',
    async (query) => {
      const { status } = await world.call('GET', `${path}${query}`)
      expect(status).toBe(query === '?tenantId=t2' ? 403 : 400)
    },
  )
})

describe('a change of a template', () => {
  const change = (id: string, fields: object) => world.call('PATCH', `${path}/${id}`, fields)

  test('keeps what it does not name', async () => {
    const id = await created(withButtons)
    const { status, body } = await change(id, { type: 'invitation' })
    expect(status).toBe(200)
    expect(body.message).toMatchObject({ ...withButtons, type: 'invitation' })
  })

  test('is checked as a whole', async () => {
    const id = await created()
    const { status, body } = await change(id, { messageText: 'Bonjour {{nom}}, le {{date}}.' })
    expect({ status, paths: pathsOf(body) }).toEqual({ status: 400, paths: ['variables', 'variables.0'] })
    const both = { messageText: 'Bonjour {{nom}}.', variables: ['nom'] }
    expect(await change(id, both)).toMatchObject({ status: 200, body: { message: both } })
  })

  test('to the name of another is refused', async () => {
    await created({ name: 'Taken' })
    const id = await created()
    expect(await change(id, { name: 'Taken' })).toMatchObject({
      status: 409,
      body: { error: { code: 'name_taken' } },
    })
  })

  test('of its texts takes the sid away that Twilio knows the old ones by, any other leaves it', async () => {
    const id = await created({ ...withButtons, contentSid: unknownSid })
    const sid = async (fields: object) => (await change(id, fields)).body.message.contentSid
    expect(await sid({ type: 'x', name: 'Renamed', messageText: withButtons.messageText })).toBe(unknownSid)
    expect(await sid({ messageText: `${withButtons.messageText} Merci.` })).toBeNull()
    expect(await sid({ contentSid: unknownSid })).toBe(unknownSid)
    expect(await sid({ buttons: [{ id: 'confirm:{{meetingId}}', title: 'Oui' }] })).toBeNull()
    expect(await sid({ messageText: withButtons.messageText, contentSid: unknownSid })).toBe(unknownSid)
    expect(await sid({ contentSid: null })).toBeNull()
  })

  test('made for a state that is no more is refused', async () => {
    const id = await created()
    const { updatedAt } = (await world.call('GET', `${path}/${id}`)).body.message
    expect(await change(id, { type: 'a', updatedAt })).toMatchObject({ status: 200 })
    expect(await change(id, { type: 'b', updatedAt })).toMatchObject({
      status: 409,
      body: { error: { code: 'template_changed' } },
    })
  })

  test('of its tenant or id is refused', async () => {
    const id = await created()
    expect(await change(id, { tenantId: 't2' })).toMatchObject({ status: 400 })
  })
})

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
    ['a value that is no text', { variables: { ...values, date: 14 } }, ['variables.date']],
    ['an empty value', { variables: { ...values, date: '' } }, ['variables.date']],
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
