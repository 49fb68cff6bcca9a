import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { smtpSend } from '#providers/smtp/send.ts'
import { othersOf } from '#src/model/errors.ts'
import { credentials, mailServer } from './mail-server.ts'
import { type Script, scriptedServer } from './scripted-server.ts'
import { failure, mailerOf, message, now, send, thrown } from './sending.ts'

describe('smtp: an email that is not accepted', () => {
  it.each<[string, string, string, object]>([
    ['MAIL FROM', '550 5.7.1 no such sender', 'retryable', { providerCode: '550 5.7.1', bounced: false }],
    ['MAIL FROM', '550 5.1.8 bad sender domain', 'retryable', { ofSender: true, bounced: false }],
    ['MAIL FROM', '552 5.3.4 message too big', 'permanent', { stopsProvider: false }],
    ['MAIL FROM', '451 4.3.0 later', 'retryable', { providerCode: '451 4.3.0' }],
    [
      'RCPT TO',
      '550 5.1.1 <zoe@customer.example> unknown',
      'permanent',
      { providerCode: '550 5.1.1', bounced: true },
    ],
    ['RCPT TO', '550 5.2.1 disabled', 'permanent', { bounced: true }],
    ['RCPT TO', '552 5.2.2 full', 'permanent', { bounced: false }],
    ['RCPT TO', '550 no', 'permanent', { providerCode: '550', bounced: false }],
    ['RCPT TO', '450 4.2.1 greylisted', 'retryable', { bounced: false }],
    ['DATA', '554 no', 'permanent', {}],
    ['DATA', '503 out of step', 'retryable', {}],
    ['.', '554 5.7.1 spam', 'permanent', { providerCode: '554 5.7.1', bounced: false }],
    ['.', '451 4.3.0 later', 'retryable', {}],
    ['.', '421 4.3.2 closing', 'retryable', {}],
    ['greeting', '421 too many', 'retryable', {}],
    ['greeting', '554 not you', 'retryable', { stopsProvider: true, ofSender: false }],
  ])('%s answered with "%s" is %s', async (at, reply, certainty, more) => {
    expect(await failure((command) => (command === at ? reply : undefined))).toMatchObject({
      certainty,
      ...more,
    })
  })

  it.each(['greeting', 'EHLO', 'MAIL FROM', 'RCPT TO', 'DATA'])(
    'was surely not accepted where the connection ended at %s',
    async (at) => {
      expect(await failure((command) => (command === at ? 'drop' : undefined))).toMatchObject({
        certainty: 'retryable',
      })
    },
  )

  it('was surely not accepted where the connection ended in the middle of a large message', async () => {
    const large = { ...message, text: 'x'.repeat(70).concat('\n').repeat(100_000) }
    const server = await scriptedServer((command, line) => {
      if (command === 'EHLO') return '250 localhost'
      return command === 'content' && line.startsWith('xxx') ? 'drop' : undefined
    })
    expect(await thrown(send(server.port, large))).toMatchObject({ certainty: 'retryable' })
    expect(server.commands.filter((command) => command === 'DATA')).toHaveLength(1)
  })

  it('may have been accepted where the connection ended at the end of the message, and is not sent again', async () => {
    const server = await scriptedServer((command) => (command === '.' ? 'drop' : undefined))
    const sending = smtpSend({ mailer: mailerOf(server.port), from: 'max@comms.example', now })
    expect(await thrown(sending(message))).toMatchObject({ certainty: 'unknown' })
    expect(server.commands.filter((command) => command === 'DATA')).toHaveLength(1)
  })

  it('may have been accepted where the second message of a connection got no reply', async () => {
    let messages = 0
    const server = await scriptedServer((command) => (command === '.' && ++messages > 1 ? 'drop' : undefined))
    const sending = smtpSend({ mailer: mailerOf(server.port), from: 'max@comms.example', now })
    await sending(message)
    expect(await thrown(sending(message))).toMatchObject({ certainty: 'unknown' })
    expect(messages).toBe(2)
  })

  it.each([
    ['.', 'unknown'],
    ['RCPT TO', 'retryable'],
  ])('is given up when the server falls silent at %s: %s', async (at, certainty) => {
    const error = await failure((command) => (command === at ? 'silence' : undefined), { silenceMs: 1_000 })
    expect(error).toMatchObject({ certainty, providerCode: 'ETIMEDOUT' })
  })

  it.each([
    ['.', 'unknown'],
    ['RCPT TO', 'retryable'],
  ])('is given up when one send takes too long at %s: %s', async (at, certainty) => {
    const error = await failure((command) => (command === at ? 'silence' : undefined), { sendMs: 1_500 })
    expect(error).toMatchObject({ certainty, providerCode: 'EABORT' })
  })

  it('was surely not accepted where nobody listens', async () => {
    const server = await mailServer()
    await new Promise<void>((resolve) => server.listener.close(() => resolve()))
    expect(await thrown(send(server.port))).toMatchObject({
      certainty: 'retryable',
      providerCode: 'ECONNREFUSED',
    })
  })

  it('is accepted where only a copy was refused', async () => {
    const script: Script = (command, to) =>
      command === 'RCPT TO' && to.includes('cc@') ? '550 5.1.1 no' : undefined
    const server = await scriptedServer(script)
    await expect(send(server.port, { ...message, cc: ['cc@customer.example'] })).resolves.toMatchObject({
      type: 'sent',
    })
  })

  it.each([
    ['550 5.1.1 no', 'permanent', true],
    ['450 4.2.1 later', 'retryable', false],
  ])(
    'is judged by the main recipient where only the copy was accepted, and says who was: %s',
    async (reply, certainty, bounced) => {
      const script: Script = (command, to) =>
        command === 'RCPT TO' && to.includes('zoe@') ? reply : undefined
      const server = await scriptedServer(script)
      const error = await thrown(send(server.port, { ...message, cc: ['cc@customer.example'] }))
      expect(error).toMatchObject({ certainty, providerCode: reply.slice(0, 9), bounced })
      expect(othersOf(error)).toEqual({ reached: ['cc@customer.example'], refused: [] })
    },
  )

  it('is judged by the main recipient where everybody was refused', async () => {
    const script: Script = (command, to) => {
      if (command !== 'RCPT TO') return undefined
      return to.includes('zoe@') ? '550 5.1.1 no' : '450 4.2.1 later'
    }
    const server = await scriptedServer(script)
    const error = await thrown(send(server.port, { ...message, cc: ['cc@customer.example'] }))
    expect(error).toMatchObject({ certainty: 'permanent', bounced: true })
  })
})

describe('smtp: an error', () => {
  it.each(['RCPT TO', '.'])('tells neither password nor address nor body, refused at %s', async (at) => {
    const reply = `550 5.1.1 <${message.to}>: ${credentials.user} may not send to ${message.to}`
    const error = await failure((command) => (command === at ? reply : undefined))
    const told = [
      error.message,
      String(error.stack),
      JSON.stringify(error),
      inspect(error, { depth: 9 }),
    ].join()
    for (const secret of [credentials.password, 'customer.example', 'comms.example', 'secret', 'Rendez-vous'])
      expect(told).not.toContain(secret)
    expect(error.message).toBe('smtp: 550 5.1.1 <address>: <address> may not send to <address>')
  })
})
