import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { ownDomain } from '../credentials.ts'
import { emailStory } from '../stories.ts'
import { keep, obstacle, type World } from '../world.ts'
import { bareAddress, readMail } from './mime.ts'
import { readLater } from './reader.ts'

type Done = (error?: Error | null, message?: string) => void

const sizeLimit = 25 * 1024 * 1024

/**
 * A relay that knows its own domains and refuses like a strict one. It offers neither AUTH nor STARTTLS: a client with
 * credentials must insist on verified TLS, and no local certificate can give that.
 */
export async function startSmtp(
  world: World,
  port: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Map<number, Socket>()
  const cut = ({ remotePort }: SMTPServerSession) => sockets.get(remotePort)?.resetAndDestroy()
  const server = new SMTPServer({
    banner: 'sandbox',
    logger: false,
    size: sizeLimit,
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 10,
    // No DNS: the sandbox reaches nobody.
    disableReverseLookup: true,
    // Ours are written out below, as each reply means one thing only.
    hideENHANCEDSTATUSCODES: true,
    onMailFrom: (address, session, done) => {
      const outage = world.outages.meet('smtp', true)
      if (outage === 'refuse') done(reply(world, 451, '4.3.2 Too busy, please try again later'))
      else if (outage === 'down') done(reply(world, 421, '4.3.2 Service not available, closing channel'))
      else if (outage === 'timeout') silence(world, () => cut(session))
      else if (!ownDomain(address.address))
        done(reply(world, 550, '5.7.1 Sender address rejected: not owned by you'))
      else done()
    },
    onRcptTo: (address, _session, done) => done(recipientError(world, address.address)),
    onData: (stream, session, done) => void take(world, stream, session, done, () => cut(session)),
  })
  let open = false
  server.on('error', (error) => {
    if (open && !/ECONNRESET|EPIPE/.test(error.message))
      world.log({ event: 'sandbox_failed', provider: 'smtp', text: error.message })
  })
  server.server.on('connection', (socket: Socket) => {
    const from = socket.remotePort ?? 0
    sockets.set(from, socket)
    socket.on('close', () => sockets.delete(from))
  })
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  open = true
  const address = server.server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async close() {
      for (const socket of sockets.values()) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function reply(world: World, responseCode: number, text: string): Error {
  world.log({ event: 'request_refused', provider: 'smtp', text: `${responseCode} ${text}` })
  return Object.assign(new Error(text), { responseCode })
}

/** No answer, for as long as the story `timeout` lasts. */
function silence(world: World, then: () => void): void {
  world.post.pause(world.holdMs).then(then, then)
}

function recipientError(world: World, address: string): Error | undefined {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address))
    return reply(world, 501, '5.1.3 Bad recipient address syntax')
  const story = emailStory(address)
  if (story === 'bounce') return reply(world, 550, '5.1.1 Recipient address rejected: User unknown')
  if (story === 'full') return reply(world, 552, '5.2.2 The mailbox of this recipient is full')
  const stop = obstacle(world, 'smtp', address, story)
  if (stop === 'refused') return reply(world, 550, '5.7.1 Recipient address rejected: Access denied')
  if (stop === 'busy') return reply(world, 451, '4.7.1 Greylisted, please try again later')
  if (stop === 'down') return reply(world, 421, '4.3.0 Service not available, closing channel')
  return undefined
}

async function take(
  world: World,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  done: Done,
  cut: () => void,
): Promise<void> {
  const raw = await buffer(stream).catch(() => undefined)
  if (raw === undefined) return
  if (stream.sizeExceeded) return done(reply(world, 552, '5.3.4 Message size exceeds fixed limit'))
  const mail = readMail(raw)
  const { from = '' } = mail.headers
  if (!ownDomain(bareAddress(from)))
    return done(reply(world, 550, '5.7.1 Header From rejected: not owned by you'))
  const to = session.envelope.rcptTo.map(({ address }) => address)
  const known = to.map(emailStory)
  if (known.includes('blocked')) return done(reply(world, 554, '5.7.1 Message rejected as spam by policy'))

  const queueId = randomBytes(5).toString('hex').toUpperCase()
  for (const recipient of to) keepMail(world, mail, recipient, queueId)
  if (known.includes('timeout')) silence(world, cut)
  else if (known.includes('drop')) cut()
  else done(null, `2.0.0 Ok: queued as ${queueId}`)
}

function keepMail(
  world: World,
  { headers, text, html }: ReturnType<typeof readMail>,
  to: string,
  queueId: string,
) {
  keep(world, {
    provider: 'smtp',
    channel: 'email',
    id: headers['message-id'] ?? queueId,
    to,
    from: bareAddress(headers.from ?? ''),
    subject: headers.subject ?? '',
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    story: emailStory(to),
    headers,
    references: { queueId },
  })
  if (html !== undefined) readLater(world, to, html)
}
