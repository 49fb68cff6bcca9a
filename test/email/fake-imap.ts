import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A mail in words alone, as a server shows it. */
export interface FakeMail {
  headers: string
  text: string
  /** More of its structure than anybody reads: a description as long. */
  described?: number
  /** The server ends the connection when it has shown it. */
  last?: true
}

/** So much of IMAP4rev1 as a mailbox is read with; `asked`: the commands that came, without their tags. */
export async function fakeImap(mails: ReadonlyMap<number, FakeMail>) {
  const sockets = new Set<Socket>()
  const asked: string[] = []

  function answer(socket: Socket, line: string): void {
    const [, tag = '', command = ''] = /^(\S+) (.*)$/.exec(line) ?? []
    asked.push(command)
    const [, uid, items = ''] = /^UID FETCH (\d+) (.*)$/.exec(command) ?? []
    const mail = mails.get(Number(uid))
    if (command.startsWith('LIST')) socket.write('* LIST () "/" INBOX\r\n')
    if (command.startsWith('EXAMINE'))
      socket.write(`* ${mails.size} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n`)
    if (command.startsWith('UID SEARCH')) {
      const from = Number(/(\d+):\*/.exec(command)?.[1] ?? 1)
      socket.write(`* SEARCH ${[...mails.keys()].filter((one) => one >= from).join(' ')}\r\n`)
    }
    if (mail) socket.write(`* ${uid} FETCH (UID ${uid}${shown(mail, items)})\r\n`)
    socket.write(`${tag} OK done\r\n`)
    if (mail?.last && items.includes('BODY.PEEK[TEXT]')) socket.end()
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    let rest = ''
    socket.on('error', () => undefined)
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n')
    socket.on('data', (bytes) => {
      const lines = `${rest}${bytes}`.split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) answer(socket, line)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, asked }
}

function shown({ headers, text, described }: FakeMail, items: string): string {
  const literal = (of: string) => `{${Buffer.byteLength(of)}}\r\n${of}`
  const part = (name: string, of: string) => {
    const [, section, most] =
      new RegExp(`BODY\\.PEEK\\[(${name}[^\\]]*)\\](?:<0\\.(\\d+)>)?`).exec(items) ?? []
    if (section === undefined) return ''
    return ` BODY[${section}]${most === undefined ? '' : '<0>'} ${literal(of.slice(0, Number(most ?? of.length)))}`
  }
  const description = described === undefined ? 'NIL' : literal('x'.repeat(described))
  return [
    items.includes('BODYSTRUCTURE') &&
      ` BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL ${description} "7BIT" ${text.length} 1)`,
    items.includes('INTERNALDATE') && ' INTERNALDATE "30-Nov-2026 09:00:00 +0000"',
    part('HEADER', `${headers}\r\n\r\n`),
    part('TEXT', text),
  ]
    .filter(Boolean)
    .join('')
}
