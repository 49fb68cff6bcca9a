import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moment, uuid } from '#support/forms.ts'
import { startWorld, type World } from '#support/world.ts'
import { path, pathsOf, templatesOf, unknownSid, withButtons } from './template-requests.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const { create, created, send, message } = templatesOf(() => world)
const bearer = async (tenantId?: string) => ({ Authorization: `Bearer ${await world.token(tenantId)}` })

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
    ['variables that are not a list', { variables: { prenom: 1 } }, ['variables']],
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

  test.each(['GET', 'PATCH', 'DELETE', 'SEND'])(
    'under what is not an id is refused for %s',
    async (method) => {
      const { status, body } = await (method === 'SEND'
        ? send('42')
        : world.call(method, `${path}/42`, method === 'PATCH' ? { type: 'x' } : undefined))
      expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_params' })
    },
  )

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
