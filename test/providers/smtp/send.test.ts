import { describe, expect, it } from 'vitest'
import { smtpSend } from '#providers/smtp/send.ts'
import { certificate, credentials, mailServer } from './mail-server.ts'
import { scriptedServer } from './scripted-server.ts'
import { mailerOf, message, now, send, thrown } from './sending.ts'

describe('smtp: an email that is accepted', () => {
  it('goes out under a Message-ID of ours, which is the receipt', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
    expect(await send(port)).toMatchObject({
      providerMessageId: `${message.id}@comms.example`,
      eventId: `send:${message.id}`,
      type: 'sent',
      sender: 'max@comms.example',
      raw: { response: expect.stringMatching(/^250 /) },
    })
    expect(mails).toMatchObject([{ from: 'max@comms.example', to: ['zoe@customer.example'] }])
    const content = mails[0]?.content ?? ''
    expect(content).toMatch(new RegExp(`^Message-ID: <${message.id}@comms\\.example>\r$`, 'm'))
    expect(content).toMatch(new RegExp(`^X-Message-Ref: ${message.id}\r$`, 'mi'))
    expect(content).toMatch(/^From: Max <max@comms\.example>\r$/m)
    expect(content).toMatch(/^Date: Sun, 29 Nov 2026 08:30:00 \+0000\r$/m)
  })

  it('shows no blind copy, and reaches each address once', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
    await send(port, {
      ...message,
      cc: ['Carl <cc@customer.example>', message.to],
      bcc: ['bcc@customer.example'],
      replyTo: 'reply@comms.example',
      text: 'Bonjour',
      attachments: [{ filename: 'a.txt', content: 'Qm9uam91cg==', contentType: 'text/plain' }],
    })
    expect(mails[0]?.to).toEqual(['zoe@customer.example', 'cc@customer.example', 'bcc@customer.example'])
    expect(mails[0]?.content).toMatch(/^Reply-To: reply@comms\.example\r$/m)
    expect(mails[0]?.content).toMatch(/filename=a\.txt[\s\S]*Qm9uam91cg==/)
    expect(mails[0]?.content).not.toContain('bcc')
  })

  it('has its unsubscribe link in one line, however long, as a signature covers it', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
    const unsubscribeUrl = `https://comms.a-rather-long-name-of-a-company.example/api/email/unsubscribe/${'a'.repeat(45)}`
    await send(port, { ...message, unsubscribe: true, unsubscribeUrl })
    const head = mails[0]?.content.split('\r\n\r\n', 1)[0] ?? ''
    expect(head.split('\r\n').filter((line) => /unsubscribe/i.test(line))).toEqual([
      `List-Unsubscribe: <${unsubscribeUrl}>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ])
  })

  it('carries long texts and attachments whole', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
    const html = `<p>${'👍'.repeat(150_000)} é=</p>`
    const content = Buffer.alloc(200_001, 'abcd').toString('base64')
    await send(port, { ...message, html: `a${html}`, attachments: [{ filename: 'a.bin', content }] })
    const [, page = '', attached = ''] = mails[0]?.content.split(/^----_NmP.*\r\n/m) ?? []
    expect(page).toContain('Content-Transfer-Encoding: quoted-printable')
    const quoted = page
      .slice(page.indexOf('\r\n\r\n') + 4)
      .replaceAll('=\r\n', '')
      .trimEnd()
    const bytes = quoted.replaceAll(/=([0-9A-F]{2})/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    expect(Buffer.from(bytes, 'latin1').toString() === `a${html}`).toBe(true)
    const base64 = attached.slice(attached.indexOf('\r\n\r\n') + 4).replaceAll(/\s/g, '')
    expect(base64 === content).toBe(true)
  })

  it('may be text only', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
    await send(port, { ...message, html: undefined, text: 'Bonjour' })
    expect(mails[0]?.content).toMatch(/^Content-Type: text\/plain[\s\S]*\r\n\r\nBonjour/m)
  })

  it('gains no header and no recipient from line breaks', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
    const subject = 'Hi\r\nBcc: evil@customer.example\r\n\r\n<script>'
    await send(port, { ...message, subject, replyTo: 'a@b.example\r\nX-Evil: 1' })
    expect(mails[0]?.to).toEqual(['zoe@customer.example'])
    expect(mails[0]?.content).not.toMatch(/^(Bcc|X-Evil):/im)
  })

  it.each(['a@b.example\r\nRCPT TO:<evil@customer.example>', 'a@b.example, evil@customer.example', 'nobody'])(
    'never goes to what is not one address: %j',
    async (to) => {
      const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
      expect(await thrown(send(port, { ...message, to }))).toMatchObject({
        certainty: 'permanent',
        bounced: false,
      })
      expect(mails).toHaveLength(0)
    },
  )

  it('signs in over STARTTLS', async () => {
    const { port, mails } = await mailServer()
    await send(port, message, { host: 'localhost', credentials, tls: { ca: certificate } })
    expect(mails).toMatchObject([{ user: credentials.user }])
  })

  it('signs in over TLS from the start', async () => {
    const { port, mails } = await mailServer({ secure: true })
    await send(port, message, { host: 'localhost', secure: true, credentials, tls: { ca: certificate } })
    expect(mails).toMatchObject([{ user: credentials.user }])
  })

  it('is verified before the first send only, and again after a lost connection', async () => {
    let dropping = false
    const server = await scriptedServer((command) =>
      dropping && command === 'MAIL FROM' ? 'drop' : undefined,
    )
    const mailer = mailerOf(server.port)
    const sending = smtpSend({ mailer, from: 'max@comms.example', now })
    await sending(message)
    await sending(message)
    expect(server.connections).toBe(2)
    dropping = true
    await thrown(sending(message))
    dropping = false
    const before = server.connections
    await sending(message)
    expect(server.connections).toBe(before + 2)
  })
})
