import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { WhenOver } from '#support/local-api.ts'

/**
 * What the server says to a command (`EHLO`, `MAIL FROM`, `RCPT TO`, `DATA`, `.`); `drop` ends the connection, `half` in the
 * middle of a reply.
 */
export type Script = (command: string, argument: string) => string | 'drop' | 'half' | 'silence' | undefined

export interface ScriptedServer {
  port: number
  /** Every command of every connection, the lines of the messages left out. */
  commands: string[]
  connections: number
}

const politely = new Map([
  ['greeting', '220 localhost'],
  ['EHLO', '250-localhost\r\n250 SIZE 1000000'],
  ['DATA', '354 go on'],
  ['QUIT', '221 bye'],
])

/** A mail server that misbehaves exactly where a test says, for the length of that test unless told otherwise. */
export async function scriptedServer(
  script: Script,
  whenOver: WhenOver = onTestFinished,
): Promise<ScriptedServer> {
  const state: ScriptedServer = { port: 0, commands: [], connections: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    state.connections += 1
    sockets.add(socket.on('error', () => sockets.delete(socket)))
    converse(socket, script, state.commands)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  whenOver(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (typeof address === 'object' && address !== null) state.port = address.port
  return state
}

function converse(socket: Socket, script: Script, commands: string[]): void {
  let inMessage = false
  const say = (command: string, argument: string): void => {
    const reply = script(command, argument) ?? politely.get(command) ?? '250 fine'
    if (reply === 'silence') return
    if (reply === 'drop') return void socket.destroy()
    if (reply === 'half') return void socket.end('250-fi')
    inMessage = command === 'DATA' && reply.startsWith('354')
    socket.write(`${reply}\r\n`)
  }
  createInterface({ input: socket }).on('line', (line) => {
    if (inMessage && line !== '.') return void (script('content', line) === 'drop' && socket.destroy())
    const [command = ''] = /^(MAIL FROM|RCPT TO|\S+)/i.exec(line) ?? []
    commands.push(line)
    say(command.toUpperCase(), line.slice(command.length))
  })
  say('greeting', '')
}
