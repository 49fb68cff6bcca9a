import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { json } from '#support/receiver.ts'
import { fields, setUp } from './set-up.ts'

const quickReply = {
  friendly_name: 'rdv_confirm',
  language: 'fr',
  variables: { '1': 'Marie', '2': '12/03 à 14h', '3': '42' },
  types: {
    'twilio/quick-reply': {
      body: 'Bonjour {{1}}, votre rendez-vous est le {{2}}. Confirmez-vous ?',
      actions: [
        { type: 'QUICK_REPLY', title: 'Oui', id: 'confirm:{{3}}' },
        { type: 'QUICK_REPLY', title: 'Non', id: 'cancel:{{3}}' },
      ],
    },
  },
}
const plain = { ...quickReply, types: { 'twilio/text': { body: 'Bonjour {{1}}, le {{2}}, {{3}}.' } } }
const submission = { name: 'rdv_confirm', category: 'UTILITY' }
const values = JSON.stringify(quickReply.variables)

async function contentWorld() {
  const opened = await setUp()
  const { setting } = opened
  const ask = (method: string, path: string, body?: unknown, token = setting('TWILIO_AUTH_TOKEN')) =>
    fetch(`${setting('TWILIO_API_URL')}/v1/Content${path}`, {
      method,
      headers: {
        authorization: `Basic ${btoa(`${setting('TWILIO_ACCOUNT_SID')}:${token}`)}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  const create = async (content: object = quickReply) => {
    const response = await ask('POST', '', content)
    return (await json(response, { sid: z.string() })).sid
  }
  const approval = async (sid: string) => {
    const { whatsapp } = await json(await ask('GET', `/${sid}/ApprovalRequests`), {
      whatsapp: z.looseObject({ status: z.string(), rejection_reason: z.string() }),
    })
    return whatsapp
  }
  const submit = (sid: string, more: object = {}) =>
    ask('POST', `/${sid}/ApprovalRequests/whatsapp`, { ...submission, ...more })
  return { ...opened, ask, create, submit, approval }
}

describe('content', () => {
  test('is answered as Twilio answers, and listed, shown and deleted', async () => {
    const { ask, create } = await contentWorld()
    const response = await ask('POST', '', quickReply)
    expect(response.status).toBe(201)
    const made = await json(response, { sid: z.string().regex(/^HX[0-9a-f]{32}$/) })
    const url = `https://content.twilio.com/v1/Content/${made.sid}`
    expect(made).toMatchObject({
      ...quickReply,
      url,
      links: {
        approval_fetch: `${url}/ApprovalRequests`,
        approval_create: `${url}/ApprovalRequests/whatsapp`,
      },
    })
    expect(await (await ask('GET', `/${made.sid}`)).json()).toEqual(made)
    const second = await create()
    const first = await json(await ask('GET', '?PageSize=1'), { contents: z.array(z.looseObject({})) })
    expect(first).toMatchObject({
      contents: [{ sid: second }],
      meta: { key: 'contents', next_page_url: 'https://content.twilio.com/v1/Content?PageSize=1&Page=1' },
    })
    expect(await (await ask('GET', '?PageSize=1&Page=1')).json()).toMatchObject({
      contents: [{ sid: made.sid }],
      meta: { next_page_url: null },
    })
    expect((await ask('DELETE', `/${made.sid}`)).status).toBe(204)
    expect((await ask('GET', `/${made.sid}`)).status).toBe(404)
  })

  test('drops the camelCase names that the typed client sends', async () => {
    const { ask } = await contentWorld()
    const { friendly_name: friendlyName, ...rest } = quickReply
    const made = await (await ask('POST', '', { friendlyName, ...rest })).json()
    expect(made).toMatchObject({ friendly_name: '' })
    const types = { twilioText: { body: 'x' } }
    expect((await ask('POST', '', { ...quickReply, types })).status).toBe(400)
  })

  test.each<[string, unknown]>([
    ['no types', { ...quickReply, types: undefined }],
    ['no language', { ...quickReply, language: undefined }],
    ['a language that is none', { ...quickReply, language: 'french' }],
    ['a text over 1024 characters', withReply({ body: 'x'.repeat(1_025) })],
    ['no button', withReply({ actions: [] })],
    [
      'eleven buttons',
      withReply({ actions: Array.from({ length: 11 }, (_, i) => ({ title: `${i}`, id: `${i}` })) }),
    ],
    ['a title over 20 characters', withReply({ actions: [{ title: 'x'.repeat(21), id: 'a' }] })],
    ['an id over 200 characters', withReply({ actions: [{ title: 'Oui', id: 'x'.repeat(201) }] })],
    ['a variable without a sample', { ...quickReply, variables: { '1': 'Marie', '2': 'demain' } }],
    ['a sample that is not a text', { ...quickReply, variables: { '1': 1, '2': 2, '3': 3 } }],
    ['what is not JSON', '{'],
  ])('with %s is refused with 20001', async (_what, content) => {
    const { ask } = await contentWorld()
    const response = await ask('POST', '', content)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      code: 20001,
      message: expect.stringMatching(/^Invalid /),
      more_info: 'https://www.twilio.com/docs/errors/20001',
      status: 400,
    })
  })

  test('needs the credentials, and is not there under another sid', async () => {
    const { ask } = await contentWorld()
    expect(await (await ask('POST', '', quickReply, 'wrong')).json()).toMatchObject({ code: 20003 })
    expect(await (await ask('GET', '/HX0')).json()).toMatchObject({ code: 20404, status: 404 })
    expect((await ask('POST', '/HX0/ApprovalRequests/whatsapp', submission)).status).toBe(404)
  })
})

describe('the approval of content', () => {
  test('is received, pending at the first look, approved at the second', async () => {
    const { create, submit, approval } = await contentWorld()
    const sid = await create()
    expect(await approval(sid)).toMatchObject({ status: 'unsubmitted' })
    const response = await submit(sid)
    expect(response.status).toBe(201)
    const told = {
      ...submission,
      content_type: 'twilio/quick-reply',
      status: 'received',
      rejection_reason: '',
    }
    expect(await response.json()).toMatchObject(told)
    expect((await approval(sid)).status).toBe('pending')
    expect((await approval(sid)).status).toBe('approved')
    expect((await approval(sid)).status).toBe('approved')
  })

  test.each<[string, object, object]>([
    ['begins with a variable', textOf('{{1}} bonjour {{2}} et {{3}}.'), {}],
    ['ends with a variable', textOf('Bonjour {{1}} et {{2}}, le {{3}}'), {}],
    ['has two variables side by side', textOf('Bonjour {{1}} {{2}} et {{3}}.'), {}],
    ['leaves a number out', textOf('Bonjour {{1}} et {{3}}.'), {}],
    ['asks for it by its name', plain, { name: 'rejected_1' }],
  ])('is a rejection where the text %s', async (_what, content, more) => {
    const { create, submit, approval } = await contentWorld()
    const sid = await create(content)
    await submit(sid, more)
    await approval(sid)
    const { status, rejection_reason: reason } = await approval(sid)
    expect({ status, reason }).toEqual({ status: 'rejected', reason: expect.stringMatching(/./) })
  })

  test.each<[string, object]>([
    ['a name with capitals', { name: 'Rdv' }],
    ['no name', { name: '' }],
    ['a category that is none', { category: 'NEWS' }],
  ])('is refused for %s', async (_what, more) => {
    const { create, submit, approval } = await contentWorld()
    const sid = await create()
    expect((await submit(sid, more)).status).toBe(400)
    expect((await approval(sid)).status).toBe('unsubmitted')
  })

  test('is refused a second time, and for a name that another content has', async () => {
    const { create, submit } = await contentWorld()
    const [one, other, english] = [
      await create(),
      await create(),
      await create({ ...quickReply, language: 'en' }),
    ]
    expect((await submit(one)).status).toBe(201)
    expect((await submit(one, { name: 'again' })).status).toBe(400)
    expect((await submit(other)).status).toBe(400)
    expect((await submit(english)).status).toBe(201)
  })
})

describe('a message by its content', () => {
  test('is rendered, and the story button presses its first button', async () => {
    const { sandbox, receiver, client, whatsApp, create } = await contentWorld()
    const contentSid = await create()
    const to = 'whatsapp:+33612345697'
    const sent = await client.messages.create({ to, from: whatsApp, contentSid, contentVariables: values })
    const text = 'Bonjour Marie, votre rendez-vous est le 12/03 à 14h. Confirmez-vous ?'
    expect(sent.body).toBe(text)
    await sandbox.idle()
    expect(sandbox.received()).toMatchObject([{ text, references: { contentSid } }])
    const pressed = receiver.arrived.map(fields).find(({ ButtonPayload }) => ButtonPayload !== undefined)
    expect(pressed).toMatchObject({
      Body: 'Oui',
      ButtonText: 'Oui',
      ButtonPayload: 'confirm:42',
      OriginalRepliedMessageSid: sent.sid,
    })
  })

  test('by a Messaging Service is not told its text', async () => {
    const { client, create } = await contentWorld()
    const messagingServiceSid = `MG${'5a4db0c5'.repeat(4)}`
    const template = { contentSid: await create(plain), contentVariables: values }
    const sent = await client.messages.create({
      to: 'whatsapp:+33612345678',
      messagingServiceSid,
      ...template,
    })
    expect(sent.body).toBe('')
  })

  test.each<[number, string, (sid: string) => Record<string, string>]>([
    [21655, 'a sid that is not there', () => ({ ContentSid: `HX${'0'.repeat(32)}` })],
    [21655, 'a sid that is none', () => ({ ContentSid: 'HX1' })],
    [21656, 'no variables', (ContentSid) => ({ ContentSid })],
    [21656, 'variables that are not JSON', (ContentSid) => ({ ContentSid, ContentVariables: "{'1':'a'}" })],
    [21656, 'a variable missing', (ContentSid) => ({ ContentSid, ContentVariables: '{"1":"a","2":"b"}' })],
    [21656, 'an empty one', (ContentSid) => ({ ContentSid, ContentVariables: '{"1":"a","2":"b","3":""}' })],
    [
      21656,
      'one too many',
      (ContentSid) => ({ ContentSid, ContentVariables: '{"1":"a","2":"b","3":"c","4":"d"}' }),
    ],
    [
      21656,
      'one that is not a text',
      (ContentSid) => ({ ContentSid, ContentVariables: '{"1":1,"2":"b","3":"c"}' }),
    ],
    [21656, 'a body beside it', (ContentSid) => ({ ContentSid, ContentVariables: values, Body: 'x' })],
  ])('with %i is refused: %s', async (code, _what, form) => {
    const { sandbox, whatsApp, post, create } = await contentWorld()
    const response = await post({ To: 'whatsapp:+33612345678', From: whatsApp, ...form(await create()) })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code, status: 400 })
    expect(sandbox.received()).toEqual([])
  })
})

function withReply(more: object) {
  return {
    ...quickReply,
    types: { 'twilio/quick-reply': { ...quickReply.types['twilio/quick-reply'], ...more } },
  }
}

function textOf(body: string) {
  return { ...quickReply, types: { 'twilio/text': { body } } }
}
