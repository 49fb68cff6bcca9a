import nodemailer from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { world } from '#support/receiver.ts'

async function setUp() {
  const { sandbox } = await world()
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port: sandbox.smtpPort, secure: false })
  onTestFinished(() => transport.close())
  return { sandbox, transport }
}

function mail(to: string) {
  return {
    from: 'Max <max@example.com>',
    to,
    subject: 'Rendez-vous confirmé',
    text: 'À bientôt',
    html: '<p>À bientôt</p>',
  }
}

test('a mail is accepted, and shown as it was written', async () => {
  const { sandbox, transport } = await setUp()
  await expect(transport.verify()).resolves.toBe(true)
  const info = await transport.sendMail({
    ...mail('test@example.com'),
    headers: { 'X-App-Message-Id': '42' },
  })
  expect(info.response).toMatch(/^250 2\.0\.0 Ok: queued as /)
  expect(sandbox.received()).toMatchObject([
    {
      provider: 'smtp',
      id: info.messageId,
      to: 'test@example.com',
      from: 'max@example.com',
      subject: 'Rendez-vous confirmé',
      html: '<p>À bientôt</p>',
      headers: { 'x-app-message-id': '42' },
    },
  ])
  expect(sandbox.received()[0]?.text?.trim()).toBe('À bientôt')
})

test.each([
  ['bounce', 550, '5.1.1', 'RCPT TO'],
  ['full', 552, '5.2.2', 'RCPT TO'],
  ['refused', 550, '5.7.1', 'RCPT TO'],
  ['busy', 451, '4.7.1', 'RCPT TO'],
  // nodemailer takes a 421 for the end of the connection, whatever command it answers.
  ['down', 421, '4.3.0', 'CONN'],
  ['blocked', 554, '5.7.1', 'DATA'],
])('the story %s is %i %s', async (story, responseCode, enhanced, command) => {
  const { sandbox, transport } = await setUp()
  const sending = transport.sendMail(mail(`${story}@example.com`))
  await expect(sending).rejects.toMatchObject({
    responseCode,
    command,
    response: expect.stringMatching(new RegExp(`^${responseCode} ${enhanced} `)),
  })
  expect(sandbox.received()).toEqual([])
})

test('the story busy accepts the second time', async () => {
  const { sandbox, transport } = await setUp()
  await expect(transport.sendMail(mail('busy@example.com'))).rejects.toThrow()
  await transport.sendMail(mail('busy@example.com'))
  expect(sandbox.received()).toHaveLength(1)
})

test('the story drop accepts, then breaks the connection', async () => {
  const { sandbox, transport } = await setUp()
  await expect(transport.sendMail(mail('drop@example.com'))).rejects.toThrow()
  expect(sandbox.received()).toHaveLength(1)
})

test('a sender of another domain is refused, on the envelope and in the header', async () => {
  const { transport } = await setUp()
  const foreign = { ...mail('a@example.com'), from: 'max@elsewhere.example' }
  await expect(transport.sendMail(foreign)).rejects.toMatchObject({ responseCode: 550, command: 'MAIL FROM' })
  const disguised = { ...foreign, envelope: { from: 'max@example.com', to: 'a@example.com' } }
  await expect(transport.sendMail(disguised)).rejects.toMatchObject({ responseCode: 550, command: 'DATA' })
})

test('during an outage nothing is accepted', async () => {
  const { sandbox, transport } = await setUp()
  sandbox.outage({ provider: 'smtp', kind: 'down', count: 1 })
  await expect(transport.sendMail(mail('a@example.com'))).rejects.toMatchObject({ responseCode: 421 })
  await expect(transport.sendMail(mail('a@example.com'))).resolves.toBeDefined()
})

test('a mail sent twice is shown twice, though its Message-ID is the same', async () => {
  const { sandbox, transport } = await setUp()
  const messageId = '<one@example.com>'
  await transport.sendMail({ ...mail('test@example.com'), messageId })
  await transport.sendMail({ ...mail('test@example.com'), messageId })
  expect(sandbox.received().map(({ id }) => id)).toEqual([messageId, messageId])
})
