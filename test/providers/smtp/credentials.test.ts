import { describe, expect, it } from 'vitest'
import { certificate, credentials, mailServer } from './mail-server.ts'
import { scriptedServer } from './scripted-server.ts'
import { message, send, thrown } from './sending.ts'

describe('smtp: credentials', () => {
  it('that are wrong leave the message unsent, to be tried again rarely', async () => {
    const { port } = await mailServer()
    const wrong = { user: credentials.user, password: 'wrong' }
    const error = await thrown(
      send(port, message, { host: 'localhost', credentials: wrong, tls: { ca: certificate } }),
    )
    expect(error).toMatchObject({
      certainty: 'retryable',
      providerCode: expect.stringMatching(/^535/),
      retryAfterMs: 900_000,
    })
  })

  it('are not forgotten where the server offers no login', async () => {
    const { port, mails } = await mailServer({ disabledCommands: ['AUTH'] })
    const error = await thrown(
      send(port, message, { host: 'localhost', credentials, tls: { ca: certificate } }),
    )
    expect(error.certainty).toBe('retryable')
    expect(mails).toHaveLength(0)
  })

  it('never travel in clear where the server offers no STARTTLS', async () => {
    const server = await scriptedServer((command) => {
      if (command === 'EHLO') return '250-localhost\r\n250 AUTH PLAIN LOGIN'
      return command === 'STARTTLS' ? '502 not here' : undefined
    })
    const error = await thrown(send(server.port, message, { credentials }))
    expect(error).toMatchObject({ certainty: 'retryable', providerCode: '502', stopsProvider: true })
    expect(server.commands.join()).not.toMatch(/AUTH|MAIL/)
  })

  it('never go to a server whose certificate nobody vouches for', async () => {
    const { port, mails } = await mailServer()
    const error = await thrown(send(port, message, { host: 'localhost', credentials }))
    expect(error.certainty).toBe('retryable')
    expect(mails).toHaveLength(0)
  })
})
