import { smtp } from '#providers/smtp/index.ts'
import type { Environment } from '#src/contract/provider.ts'
import { nobodyListens, resetsAtOnce } from '#support/local-api.ts'
import { sendOf } from '#support/over-http.ts'
import type { Failure, Protocol, SendingCases } from '#support/sending-cases.ts'
import { type Script, scriptedServer } from './scripted-server.ts'

/** A server that answers so to this command, and politely to every other. */
function answering(command: string, reply: string): Script {
  return (given) => (given === command ? reply : undefined)
}

const accepted: Script = () => undefined

const overSmtp: Protocol<Script> = {
  async listen(answer, whenOver) {
    const server = await scriptedServer((...said) => answer()(...said), whenOver)
    return {
      at: String(server.port),
      handed: () => server.commands.filter((command) => command === 'DATA').length,
    }
  },
  nobodyListens: async () => new URL(await nobodyListens()).port,
  resetsAtOnce: async () => new URL(await resetsAtOnce()).port,
  reset: answering('.', 'drop'),
  cut: () => answering('.', 'half'),
  // https://www.rfc-editor.org/rfc/rfc5321#section-3.4
  redirects: (to) => [answering('RCPT TO', `551 5.1.6 not here; please try <zoe@127.0.0.1:${to}>`)],
  // The server said no itself, and has nothing before the end of DATA.
  proves: { redirect: 'permanent', resetAtOnce: 'retryable' },
}

export function environment(at: string): Environment {
  return { SMTP_HOST: '127.0.0.1', SMTP_PORT: at, EMAIL_FROM: 'Max <max@comms.example>' }
}

const replies = [
  ['MAIL FROM', '550 5.7.1 not you', 'retryable', '550 5.7.1'],
  ['MAIL FROM', '552 5.3.4 too big', 'permanent', '552 5.3.4'],
  ['greeting', '554 5.7.1 not you', 'retryable', '554 5.7.1'],
  ['RCPT TO', '550 5.1.0 <max@comms.example>: Sender address rejected', 'retryable', '550 5.1.0'],
  ['MAIL FROM', '451 4.3.0 later', 'retryable', '451 4.3.0'],
  ['RCPT TO', '550 5.1.1 nobody', 'permanent', '550 5.1.1'],
  ['RCPT TO', '450 4.2.1 greylisted', 'retryable', '450 4.2.1'],
  ['DATA', '503 out of step', 'retryable', '503'],
  ['.', '554 5.7.1 spam', 'permanent', '554 5.7.1'],
  ['.', '421 4.3.2 closing', 'retryable', '421 4.3.2'],
] as const

export const cases: SendingCases<Script> = {
  channel: 'email',
  protocol: overSmtp,
  open: (at) => sendOf(smtp, environment(at)),
  // It is given none here: credentials.test.ts has a server that asks for them.
  keys: [],
  accepted,
  decorated: [answering('.', '250-2.0.0 Ok\r\n250 2.0.0 queued as 4F1'), answering('.', '250 {"id":7}')],
  withoutAnId: [answering('.', '250 '), answering('.', '200')],
  // It is ours, and travels as the Message-ID.
  needsNoId: true,
  failures: replies.map(
    ([command, reply, certainty, providerCode]): Failure<Script> => ({
      what: `${command} answered with ${reply}`,
      answer: answering(command, reply),
      certainty,
      providerCode,
    }),
  ),
  quoting: (words) => ({
    refused: [
      answering('RCPT TO', `552 5.2.2 ${words}`),
      answering('DATA', `554 5.7.1 ${words}`),
      answering('.', `554-5.7.1 It was refused.\r\n554 5.7.1 ${words}`),
      // The copies were accepted.
      (command, to) => (command === 'RCPT TO' && to.includes('zoe.') ? `550 5.7.1 ${words}` : undefined),
    ],
    later: [answering('RCPT TO', `450 4.2.1 ${words}`), answering('.', `421 4.3.2 ${words}`)],
    accepted: [answering('.', `250 2.0.0 queued as 4F1: ${words}`)],
  }),
}
