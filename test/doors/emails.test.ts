import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMail } from '#sandbox/smtp/mime.ts'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { comes } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'
import { type Mail, mailServer } from '../providers/smtp/mail-server.ts'

/** A true mail server, and the other providers as an API that keeps what it is given. */
let world: World
let api: FakeApi
let mails: Mail[]
const over: (() => unknown)[] = []
beforeAll(async () => {
  api = await startFakeApi()
  const server = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] }, (end) => over.push(end))
  mails = server.mails
  world = await startWorld({
    environment: { ...api.environment, SMTP_HOST: '127.0.0.1', SMTP_PORT: String(server.port) },
    workerEveryMs: 20,
  })
})
afterAll(async () => {
  await world.stop()
  await api.away()
  for (const end of over) await end()
})

const anna = { to: 'anna@example.com', subject: 'Essai' }

const sent = (params: object) => world.action('sendEmail', { ...anna, body: 'Bonjour', ...params })

/** What the mail server was given of a send that is accepted. */
async function mail(params: object): Promise<Mail> {
  const { status, body } = await sent({ provider: 'smtp', ...params })
  expect({ status, body }).toMatchObject({ status: 200 })
  const found = mails.find(({ content }) => content.includes(body.messageId))
  if (!found) throw new Error('test: the mail server has no such mail')
  return found
}

/** What SendGrid or Resend was given of a send that is accepted. */
async function posted(provider: 'sendgrid' | 'resend', params: object) {
  const { status, body } = await sent({ provider, ...params })
  expect({ status, body }).toMatchObject({ status: 200 })
  return JSON.parse(api.calls(provider).at(-1)?.body ?? '{}')
}

const header = ({ content }: Mail, name: string) =>
  new RegExp(`^${name}:(.*(?:\r\n[ \t].*)*)\r$`, 'im')
    .exec(content)?.[1]
    ?.replaceAll(/\r\n[ \t]+/g, ' ')
    .trim()

/** Its two parts, without the line end that every part of a mail ends in. */
function parts(whole: Mail) {
  const { text, html } = readMail(Buffer.from(whole.content, 'latin1'))
  return { text: text?.replaceAll('\r\n', '\n').trimEnd(), html: html?.replaceAll('\r\n', '\n').trimEnd() }
}

describe('what is written with angle brackets', () => {
  test.each([
    'Bonjour,\n\nVotre conseiller : Paul Durand <p.durand@cabinet.fr>\nTel. 01 02 03 04 05\n\nCordialement',
    'Ecrivez a <a-martin@cabinet.fr> ou <i@cabinet.fr>',
    'Si a <b et c> d, alors',
    'Voir <https://cabinet.example/rdv?id=1>',
    'a < b, b > c, <b',
    '<table des matieres> : 1. Offre',
    '2 <p 3> x = 4',
    'Tapez <Entree>',
  ])('is text where it holds no tag: %j', async (body) => {
    expect(parts(await mail({ body }))).toEqual({ text: body, html: undefined })
  })

  test.each([
    '<p>Bonjour</p>',
    'Bonjour,<br>a demain',
    'Bonjour,<BR />a demain',
    '<a href="https://cabinet.example/?a=1&amp;b=2">ici</a>',
    'Bonjour <a\n  href=x>Paul</a> <p.durand@cabinet.fr>',
    '<!DOCTYPE html><title>a</title>',
    '<td align=center>1</td>',
    'Fin</div>',
    '<!-- debut -->Bonjour',
  ])('is a page where it holds one: %j', async (body) => {
    expect(parts(await mail({ body }))).toEqual({ text: undefined, html: body })
  })
})

describe('nothing of a mail is dropped', () => {
  const page = '<p>Bonjour</p>'
  test.each([
    ['a page and its text', { body: page, text: 'Salut' }, { html: page, text: 'Salut' }],
    ['a text and its page', { body: 'Salut', html: page }, { html: page, text: 'Salut' }],
    ['a page alone', { body: undefined, html: page }, { html: page, text: undefined }],
    ['a page without a tag', { body: undefined, html: 'Salut' }, { html: 'Salut', text: undefined }],
    [
      'a page and a text, by their names',
      { body: undefined, html: page, text: 'a' },
      { html: page, text: 'a' },
    ],
    ['a text by its name', { body: undefined, text: page }, { html: undefined, text: page }],
    ['the same page twice', { body: page, html: page }, { html: page, text: undefined }],
    ['the same text twice', { body: 'a', text: 'a', html: page }, { html: page, text: 'a' }],
    [
      'two texts',
      { body: 'Paul <p@cabinet.fr>\nA demain', text: 'Salut' },
      { html: 'Paul &lt;p@cabinet.fr&gt;<br>\nA demain', text: 'Salut' },
    ],
  ])('%s', async (_what, given, expected) => {
    expect(parts(await mail(given))).toEqual(expected)
  })

  test.each([
    ['two pages', { body: page, html: '<p>Salut</p>' }, 'html'],
    ['two texts beside a page', { body: 'a', text: 'b', html: page }, 'text'],
    ['nothing', { body: undefined }, 'body'],
  ])('%s: 400', async (_what, given, path) => {
    const { status, body } = await sent(given)
    expect({ status, issues: body.error.issues }).toMatchObject({ status: 400, issues: [{ path }] })
  })
})

describe('a name is what its sender wrote, by every provider', () => {
  test.each([
    ['Equipe: Max <jean@example.com>', 'Equipe: Max'],
    ['Max (Paris) <jean@example.com>', 'Max (Paris)'],
    ['Max; Paris <jean@example.com>', 'Max; Paris'],
    ['"Max \\"CRM\\" Team" <jean@example.com>', 'Max "CRM" Team'],
    ['"Dupont, Jean" <jean@example.com>', 'Dupont, Jean'],
    ['"jean@example.com" <jean@example.com>', 'jean@example.com'],
    ['Dr. Max [Lyon] <jean@example.com>', 'Dr. Max [Lyon]'],
    ['C:\\Max <jean@example.com>', 'C:\\Max'],
    ['Max "le Grand" Durand<jean@example.com>', 'Max le Grand Durand'],
    ['jean@example.com (Max)', 'Max'],
    ['<jean@example.com>', ''],
    ['jean@example.com', ''],
  ])('%j', async (from, name) => {
    const smtp = await mail({ from, replyTo: from })
    const quoted =
      name === '' ? '' : /^[\w ]*$/.test(name) ? `${name} ` : `"${name.replace(/["\\]/g, '\\$&')}" `
    const written = name === '' ? 'jean@example.com' : `${quoted}<jean@example.com>`
    expect([smtp.from, header(smtp, 'from'), header(smtp, 'reply-to')]).toEqual([
      'jean@example.com',
      written,
      written,
    ])
    const party = { email: 'jean@example.com', ...(name === '' ? {} : { name }) }
    expect(await posted('sendgrid', { from, replyTo: from })).toMatchObject({ from: party, reply_to: party })
    expect(await posted('resend', { from, replyTo: from })).toMatchObject({
      from: written,
      reply_to: written,
    })
  })

  test('with letters that are not ASCII', async () => {
    const from = 'Équipe « Max » <jean@example.com>'
    const [word] = /=\?UTF-8\?.*\?=/i.exec(header(await mail({ from }), 'from') ?? '') ?? []
    expect(readMail(Buffer.from(`X: ${word}\r\n\r\n`)).headers.x).toBe('Équipe « Max »')
    expect((await posted('sendgrid', { from })).from.name).toBe('Équipe « Max »')
    expect((await posted('resend', { from })).from).toBe('"Équipe « Max »" <jean@example.com>')
  })

  test.each([
    'Max "le Grand <jean@example.com>',
    'Dupont, Jean <jean@example.com>',
    'jean@example.com <other@example.com>',
    'Max <jean@example.com> <other@example.com>',
    'Max <jean@exa mple.com>',
    'Max <jean>',
    '"Max" jean@example.com',
    'Max <>',
  ])('%j is 400, and nothing is kept', async (from) => {
    for (const wrong of [{ from }, { replyTo: from }]) {
      const { status, body } = await sent(wrong)
      expect({ status, code: body.error.code }).toEqual({ status: 400, code: 'invalid_params' })
      expect(body).not.toHaveProperty('messageId')
    }
  })
})

describe('an address that mail reaches is taken', () => {
  test.each([
    'r&d@example.com',
    'anna=example.com@relay.example.com',
    'reply+AB12-cd_34=@reply.example.com',
    'a/b@example.com',
    'anna~work@example.com',
    'anna#1@example.com',
    'info@xn--80a1acny.xn--p1ai',
    "o'neil!{x}|y%z?*^`@example.com",
    'a@b-c.museum',
    '-anna-@example.com',
    `${'a'.repeat(64)}@example.com`,
  ])('%s', async (to) => {
    const smtp = await mail({ to, cc: ['other@example.com'] })
    // The test's server shows a domain as people read it.
    expect([header(smtp, 'to'), smtp.to.length]).toEqual([to, 2])
    expect((await posted('sendgrid', { to })).personalizations[0].to).toEqual([{ email: to }])
    expect((await posted('resend', { to })).to).toEqual([to])
  })

  test.each([
    ['info@mairie-orléans.fr', 'info@xn--mairie-orlans-khb.fr'],
    ['anna@müller.de', 'anna@xn--mller-kva.de'],
    ['Anna@MÜLLER.example', 'Anna@xn--mller-kva.example'],
    ['anna@例え.テスト', 'anna@xn--r8jz45g.xn--zckzah'],
    ['anna@straße.example', 'anna@xn--strae-oqa.example'],
  ])('%s travels, is kept and is compared as %s', async (to, travels) => {
    const smtp = await mail({ to, cc: ['other@example.com'] })
    expect([header(smtp, 'to'), smtp.to.length]).toEqual([travels, 2])
    expect((await posted('sendgrid', { to })).personalizations[0].to).toEqual([{ email: travels }])
    expect((await posted('resend', { to })).to).toEqual([travels])
    const { body } = await world.call('GET', `/api/messages?to=${encodeURIComponent(to)}`)
    expect(new Set(body.messages.map(({ recipient }: { recipient: string }) => recipient))).toEqual(
      new Set([travels.toLowerCase()]),
    )
    const ops = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
    const entry = { channel: 'email', address: to, reason: 'she rang us' }
    expect(await world.call('POST', '/api/suppressions', entry, ops)).toMatchObject({
      status: 201,
      body: { suppression: { address: travels.toLowerCase() } },
    })
    expect((await sent({ to: travels })).status).toBe(422)
    expect((await sent({ to })).status).toBe(422)
    const copied = await sent({ to: 'ok@example.com', cc: [to] })
    expect(copied).toMatchObject({ status: 200, body: { warnings: ['copies_suppressed'] } })
  })

  test.each([
    'anna@exa_mple.com',
    'anna@1.2.3.4',
    'anna@1.0x7f',
    'anna@ex%61mple.com',
    'anna@-example.com',
    'ännä@example.com',
    'anna@exam ple.com',
    'anna@例え',
    `${'a'.repeat(65)}@example.com`,
    `anna@${'a'.repeat(64)}.com`,
    'anna@[127.0.0.1]',
  ])('%j is 400', async (to) => {
    expect((await sent({ to })).status).toBe(400)
    expect((await sent({ cc: [to] })).status).toBe(400)
    expect((await sent({ from: `Max <${to}>` })).status).toBe(400)
  })
})

describe('a mail of our own mail server', () => {
  test('bears the date of its hand-over, and the Message-ID of its message', async () => {
    const sendAt = new Date(Date.now() + 14 * 86_400_000).toISOString()
    const { body } = await sent({ provider: 'smtp', sendAt })
    // As if it had been asked for two weeks ago.
    await world.database.query(
      `update message_payloads set payload = jsonb_set(payload, '{createdAt}', to_jsonb(now() - interval '14 days'))
       where message_id = $1 and payload ? 'createdAt'`,
      [body.messageId],
    )
    await comes(world, body.messageId)
    await expect
      .poll(() => mails.some(({ content }) => content.includes(body.messageId)), { timeout: 10_000 })
      .toBe(true)
    const found = mails.find(({ content }) => content.includes(body.messageId))
    const date = new Date(found ? (header(found, 'date') ?? '') : '')
    expect(Math.abs(date.getTime() - Date.now())).toBeLessThan(60_000)
    expect(found && header(found, 'message-id')).toMatch(new RegExp(`^<${body.messageId}@`))
  })

  test('has a Message-ID in ASCII, whatever the domain of its sender', async () => {
    const smtp = await mail({ from: 'Max <max@müller.de>' })
    expect(header(smtp, 'message-id')).toMatch(/^<[\w-]+@xn--mller-kva\.de>$/)
    expect(header(smtp, 'from')).toBe('Max <max@xn--mller-kva.de>')
  })
})

describe('what is attached', () => {
  const files = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, number) => ({
      filename: `${number}.bin`,
      content: Buffer.alloc(bytes + number, `${number}é\u0000`).toString('base64'),
    }))

  test.each([
    ['60 files of 60 KB', 60, 45_000],
    ['a large and a small one', 2, 2_000_000],
    ['100 files of the length from which they are not parsed', 100, 12_240],
  ])('goes out as it came: %s', async (_what, count, bytes) => {
    const attachments = files(count, bytes)
    for (const provider of ['sendgrid', 'resend'] as const) {
      const { attachments: kept } = await posted(provider, { attachments })
      const same = attachments.map(({ content }, number) => kept[number]?.content === content)
      expect(same).toEqual(Array(count).fill(true))
    }
    const raw = (await mail({ attachments })).content.replaceAll('\r\n', '')
    expect(attachments.filter(({ content }) => !raw.includes(content))).toEqual([])
  })

  test('is compared by its bytes: the same key and another file are refused, the same file is a repeat, in lines too', async () => {
    const [file, other] = files(2, 100_000)
    const idempotencyKey = 'a-large-file'
    const first = await sent({ attachments: [file], idempotencyKey })
    const inLines = { ...file, content: file?.content.replace(/.{76}/g, '$&\r\n') }
    for (const same of [file, inLines])
      expect(await sent({ attachments: [same], idempotencyKey })).toMatchObject({
        status: 200,
        body: { messageId: first.body.messageId },
      })
    for (const another of [other, { ...file, filename: 'other' }])
      expect((await sent({ attachments: [another], idempotencyKey })).status).toBe(409)
  })
})

describe('an image in the text', () => {
  const content = Buffer.from('\x89PNG\r\n').toString('base64')
  const logo = { filename: 'logo.png', contentType: 'image/png', content, cid: 'logo@max' }
  const body = '<p>Bonjour</p><img src="cid:logo@max" alt="Max">'

  test('is what its page names, by SMTP as by the others', async () => {
    const { content: raw } = await mail({ body, attachments: [logo] })
    expect(raw).toMatch(/^Content-ID: <logo@max>\r$/im)
    expect(raw).toMatch(/^Content-Disposition: inline;/im)
    expect(raw).toMatch(/^Content-Type: multipart\/related;/im)
    expect((await posted('sendgrid', { body, attachments: [logo] })).attachments).toEqual([
      { filename: 'logo.png', type: 'image/png', content, disposition: 'inline', content_id: 'logo@max' },
    ])
    expect((await posted('resend', { body, attachments: [logo] })).attachments).toEqual([
      { filename: 'logo.png', content_type: 'image/png', content, content_id: 'logo@max' },
    ])
  })

  test('may be named as an address of the web would have it', async () => {
    const { attachments } = await posted('resend', {
      body: '<img src="cid:logo%40max">',
      attachments: [logo],
    })
    expect(attachments).toMatchObject([{ content_id: 'logo@max' }])
  })

  test.each([
    ['that no page names', { attachments: [logo] }, 'attachments.0.cid'],
    ['in a mail of text', { text: 'cid:logo@max', attachments: [logo] }, 'attachments.0.cid'],
    ['twice', { body, attachments: [logo, { ...logo, filename: 'b.png' }] }, 'attachments.1.cid'],
    ['of no name', { body, attachments: [{ ...logo, cid: '' }] }, 'attachments.0.cid'],
    [
      'with a header',
      { body, attachments: [{ ...logo, cid: 'a>\r\nBcc: eve@example.com' }] },
      'attachments.0.cid',
    ],
  ])('%s is 400', async (_what, params, path) => {
    const { status, body: answer } = await sent(params)
    expect({ status, answer }).toMatchObject({ status: 400, answer: { error: { issues: [{ path }] } } })
  })
})

describe('an invitation', () => {
  const ics = 'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n'.repeat(4)
  const content = Buffer.from(ics).toString('base64')
  const attachments = (contentType: string, base64 = content) => [
    { filename: 'invite.ics', content: base64, contentType },
  ]

  test.each([
    'text/calendar; method=REQUEST',
    'text/calendar;charset=utf-8;method=REQUEST',
    'text/calendar; method="REQUEST"',
  ])('goes out as %s', async (contentType) => {
    const { content: raw } = await mail({ attachments: attachments(contentType) })
    expect(raw).toMatch(/^Content-Type: text\/calendar;[^\r]*(\r\n\s[^\r]*)*method=REQUEST/m)
    expect(raw.replaceAll('\r\n', '')).toContain(content)
    const { attachments: kept } = await posted('resend', { attachments: attachments(contentType) })
    expect(kept[0].content_type).toBe(contentType)
  })

  test('may come in lines, as mail programs write base64', async () => {
    for (const [length, end] of [
      [76, '\r\n'],
      [64, '\n'],
      [76, '\r\n '],
    ] as const) {
      const lines = content.match(new RegExp(`.{1,${length}}`, 'g'))?.join(end)
      const { attachments: kept } = await posted('resend', {
        attachments: attachments('text/calendar', `${lines}${end}`),
      })
      expect(Buffer.from(kept[0].content, 'base64').toString()).toBe(ics)
    }
  })

  test('goes out by SendGrid without the parameters that it refuses, and the caller is told', async () => {
    const file = attachments('text/calendar; method=REQUEST')
    const { body } = await sent({ provider: 'sendgrid', attachments: file })
    expect(body.warnings).toEqual(['attachment_type_shortened'])
    const { attachments: kept } = JSON.parse(api.calls('sendgrid').at(-1)?.body ?? '')
    expect(kept).toMatchObject([{ type: 'text/calendar', content }])
    expect(
      (await sent({ provider: 'sendgrid', attachments: attachments('text/calendar') })).body.warnings,
    ).toEqual([])
  })

  test('may be as large in lines as in one', async () => {
    const bytes = Buffer.alloc(4_000_000, 'abcé')
    const lines = bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n')
    const { attachments: kept } = await posted('resend', { attachments: attachments('text/plain', lines) })
    expect(Buffer.from(kept[0].content, 'base64').equals(bytes)).toBe(true)
  })

  test.each(['text/calendar; method', 'text/calendar; =x', 'text; a=b', 'text/calendar; a="b', 'text/a b'])(
    'of the type %j is 400',
    async (contentType) => {
      expect((await sent({ attachments: attachments(contentType) })).status).toBe(400)
    },
  )
})
