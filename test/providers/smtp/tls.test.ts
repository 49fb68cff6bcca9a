import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { smtp } from '#providers/smtp/index.ts'
import { encryptionOf } from '#providers/smtp/tls.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { certificate, credentials, mailServer } from './mail-server.ts'
import { scriptedServer } from './scripted-server.ts'
import { message, now, thrown } from './sending.ts'

/** Its certificate is its own, as that of Debian's Postfix. */
const ownCertificate = join(tmpdir(), `own-${process.pid}.pem`)
writeFileSync(ownCertificate, certificate)
afterAll(() => rmSync(ownCertificate))
const login = { SMTP_USER: credentials.user, SMTP_PASSWORD: credentials.password }

/** What a server with this environment sends by a mail server of this machine. */
async function send(port: number, environment: Environment) {
  const provider = await smtp.create(
    { SMTP_HOST: '127.0.0.1', SMTP_PORT: String(port), EMAIL_FROM: credentials.user, ...environment },
    { baseUrl: undefined, country: 'FR', now, clock: () => performance.now() },
  )
  if (!provider?.send) throw new Error('test: smtp is off')
  try {
    return await provider.send(message)
  } finally {
    await provider.close?.()
  }
}

/** A mail server that offers STARTTLS with a certificate of its own and wants no login. */
const postfix = () => mailServer({ disabledCommands: ['AUTH'] })

describe('a mail server of this machine with a certificate of its own', () => {
  it('is given a mail as it stands in the documents: SMTP_HOST and SMTP_PORT alone', async () => {
    const { port, mails } = await postfix()
    await send(port, {})
    expect(mails).toHaveLength(1)
  })

  it.each<[Environment, boolean]>([
    [{ SMTP_TLS: 'off' }, false],
    [{ SMTP_TLS: 'if-offered' }, true],
    [{ SMTP_TLS: 'require', SMTP_CA: ownCertificate }, true],
    [{ SMTP_TLS: 'require', SMTP_CA: certificate.toString().trim().replaceAll('\n', '\\n') }, true],
    [{ SMTP_TLS: 'if-offered', SMTP_CA: ownCertificate }, true],
  ])('is given a mail with %j, encrypted: %s', async (environment, encrypted) => {
    let secure: boolean | undefined
    const { port } = await mailServer({
      disabledCommands: ['AUTH'],
      onMailFrom: (_address, session, done) => {
        secure = session.secure
        done()
      },
    })
    await send(port, environment)
    expect(secure).toBe(encrypted)
  })

  it('is given a login only where its certificate is trusted', async () => {
    const { port, mails } = await mailServer()
    await send(port, { ...login, SMTP_CA: ownCertificate })
    expect(mails).toMatchObject([{ user: credentials.user }])
    expect(await thrown(send(port, login))).toMatchObject({ certainty: 'retryable' })
    expect(mails).toHaveLength(1)
  })
})

describe('an error of TLS names what is wrong and its remedy', () => {
  it.each<[string, Environment, RegExp]>([
    [
      'of its own',
      { SMTP_TLS: 'require' },
      /^smtp: the certificate of the mail server is its own \(name it in SMTP_CA, or see SMTP_TLS\) \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    ],
    [
      'of another name',
      { SMTP_TLS: 'require', SMTP_HOST: '127.0.0.2', SMTP_CA: ownCertificate },
      /another name than SMTP_HOST .*\(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
    ],
  ])('a certificate %s', async (_what, environment, reason) => {
    const { port } = await mailServer({ disabledCommands: ['AUTH'] }, undefined, '0.0.0.0')
    expect(await thrown(send(port, environment))).toMatchObject({
      certainty: 'retryable',
      message: expect.stringMatching(reason),
    })
  })

  it('no TLS where it is wanted from the start', async () => {
    const { port } = await scriptedServer(() => undefined)
    const error = await thrown(send(port, { SMTP_SECURE: 'true' }))
    expect(error.message).toMatch(
      /^smtp: the mail server speaks no TLS at this port \(check SMTP_PORT and SMTP_SECURE\)/,
    )
  })
})

describe('smtp: what the variables of TLS come to', () => {
  const none = {
    SMTP_HOST: 'mail.comms.example',
    SMTP_PORT: undefined,
    SMTP_SECURE: undefined,
    SMTP_TLS: undefined,
    SMTP_CA: undefined,
  }
  it.each<[object, boolean, object]>([
    [{}, false, { port: 587, secure: false, policy: 'if-offered' }],
    [{}, true, { port: 587, secure: false, policy: 'require' }],
    [{ SMTP_PORT: '465' }, true, { port: 465, secure: true }],
    [{ SMTP_PORT: '465', SMTP_SECURE: 'false' }, true, { port: 465, secure: false, policy: 'require' }],
    [{ SMTP_SECURE: 'true' }, true, { port: 465, secure: true }],
    [{ SMTP_PORT: '25', SMTP_SECURE: 'true' }, true, { port: 25, secure: true }],
    [{ SMTP_HOST: 'localhost', SMTP_PORT: '25' }, false, { port: 25, secure: false, policy: 'off' }],
    [{ SMTP_HOST: '::1' }, false, { policy: 'off' }],
    [{ SMTP_HOST: '127.0.0.1' }, true, { policy: 'require' }],
    [{ SMTP_HOST: '127.0.0.1', SMTP_TLS: 'off' }, true, { policy: 'off' }],
    [{ SMTP_HOST: '127.example.com' }, false, { policy: 'if-offered' }],
    [{ SMTP_TLS: 'require' }, false, { policy: 'require' }],
  ])('%j, with a login: %s', (set, withLogin, expected) => {
    expect(encryptionOf({ ...none, ...set }, withLogin)).toMatchObject(expected)
  })

  it.each<[object, boolean, string]>([
    [{ SMTP_TLS: 'yes' }, false, 'smtp: SMTP_TLS is not one of require, if-offered, off'],
    [
      { SMTP_TLS: 'off' },
      true,
      'smtp: SMTP_TLS is off, and SMTP_PASSWORD could go in clear (set it to require, or leave out the login)',
    ],
    [
      { SMTP_TLS: 'if-offered' },
      true,
      'smtp: SMTP_TLS is if-offered, and SMTP_PASSWORD could go in clear (set it to require, or leave out the login)',
    ],
    [
      { SMTP_TLS: 'off', SMTP_PORT: '465' },
      false,
      'smtp: SMTP_TLS is off, and SMTP_SECURE or port 465 wants TLS from the start',
    ],
    [
      { SMTP_CA: '/nowhere/ca.pem' },
      false,
      'smtp: SMTP_CA cannot be read (a file of certificates as PEM, or the PEM itself)',
    ],
  ])('%j stops the boot with one line', (set, withLogin, line) => {
    expect(() => encryptionOf({ ...none, ...set }, withLogin)).toThrow(new ConfigurationError(line))
  })
})
