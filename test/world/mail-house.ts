import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { freePort } from '../../scripts/free-port.ts'
import { dovecotSettings, relayMain, relayMaster, senders } from './bounces-settings.ts'
import { startedDaemon, startedPostfix, userId } from './mail-daemon.ts'

const nobody = 65_534

export interface MailHouse {
  port: { plain: number; strict: number; imap: number }
  /** The folder that `bounces@cabinet.test` is kept in. */
  folder: string
  log(): string
  haltImap(): Promise<void>
  startImap(): Promise<void>
  stop(): Promise<void>
}

/**
 * A Postfix that relays and reports, a Dovecot with the mailbox that its reports come to, and the server of whoever is written to
 * (`remote.test`): all of them on loopback, in folders of their own.
 */
export async function startMailHouse(postfix: string, dovecot: string): Promise<MailHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'max-comms-mail-'))
  chmodSync(folder, 0o755)
  const port = { plain: await freePort(), strict: await freePort(), imap: await freePort() }
  const remote = await startRemote()
  for (const name of ['config', 'queue', 'data', 'run', 'mail']) mkdirSync(join(folder, name))
  chownSync(join(folder, 'data'), userId('postfix'), 0)
  chownSync(join(folder, 'mail'), nobody, nobody)
  for (const name of ['bounces', 'accueil', 'ok']) {
    mkdirSync(join(folder, 'mail', name))
    chownSync(join(folder, 'mail', name), nobody, nobody)
  }
  writeFileSync(join(folder, 'config/main.cf'), relayMain(folder, remote.port))
  writeFileSync(join(folder, 'config/master.cf'), relayMaster(port))
  writeFileSync(join(folder, 'config/senders'), senders)
  writeFileSync(join(folder, 'dovecot.conf'), dovecotSettings(folder, port.imap))
  const config = join(folder, 'config')
  const log = () => readFileSync(join(folder, 'mail.log'), 'utf8')
  const haltRelay = await startedPostfix(postfix, config, port.plain, log)
  const imap = ['-F', '-c', join(folder, 'dovecot.conf')]
  const startImap = () => startedDaemon(dovecot, imap, port.imap, log)
  let haltImap = await startImap()
  return {
    port,
    folder: join(folder, 'mail/bounces'),
    log,
    haltImap: () => haltImap(),
    async startImap() {
      haltImap = await startImap()
    },
    async stop() {
      await haltImap()
      await haltRelay()
      remote.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const replies = new Map([
  ['inconnu', '550 5.1.1 User unknown'],
  ['plein', '552 5.2.2 Mailbox full'],
  ['ferme', '554 5.7.1 Message refused by policy'],
  ['gris', '451 4.7.1 Greylisted, try again later'],
  ['quota', '550 5.4.5 Daily user sending limit exceeded'],
])

async function startRemote() {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      const [, story = ''] = /^([a-z]+)/.exec(address) ?? []
      const reply = replies.get(story)
      if (reply === undefined) return done()
      const [, code = '550', words = ''] = /^(\d{3}) (.*)$/.exec(reply) ?? []
      done(Object.assign(new Error(words), { responseCode: Number(code) }))
    },
    onData(stream, _session, done) {
      stream.resume().once('end', () => done())
    },
  })
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, close: () => server.close() }
}
