import { describe, expect, test } from 'vitest'
import { certificate, credentials, mailServer } from './mail-server.ts'
import { failure, message, send, thrown } from './sending.ts'

type Expected = [about: string, command: string, reply: string]

const sender = { certainty: 'retryable', stopsProvider: true, ofSender: true, bounced: false }
const us = { certainty: 'retryable', stopsProvider: true, ofSender: false, bounced: false }
const outcomes = new Map<string, object>([
  ['the address', { certainty: 'permanent', bounced: true, stopsProvider: false }],
  ['the message', { certainty: 'permanent', bounced: false, stopsProvider: false }],
  ['the moment', { certainty: 'retryable', bounced: false, stopsProvider: false, tooMany: false }],
  ['our pace', { certainty: 'retryable', stopsProvider: false, tooMany: true, retryAfterMs: 60_000 }],
  ['our sender', { ...sender, retryAfterMs: 900_000 }],
  ['us', { ...us, retryAfterMs: 900_000 }],
  ['our quota', { ...us, retryAfterMs: 3_600_000 }],
])

/** From public reports: goposta/posta#86, Flolagale/mailin#114, customeros/mailsherpa#19, and the servers' own documentation. */
const replies: Expected[] = [
  [
    'the address',
    'RCPT TO',
    '550 5.1.1 <zoe@customer.example>: Recipient address rejected: User unknown in virtual mailbox table',
  ],
  [
    'the address',
    'RCPT TO',
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking the recipient's email address for typos\r\n550 5.1.1 https://support.google.com/mail/?p=NoSuchUser",
  ],
  [
    'the address',
    'RCPT TO',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
  ],
  ['the address', 'RCPT TO', '550 5.1.2 no such domain'],
  [
    'the address',
    'RCPT TO',
    '550 5.1.1 <zoe@customer.example>: undeliverable: host mx.customer.example said: 550 no (in reply to EHLO command)',
  ],
  ['the address', 'RCPT TO', '553 5.1.3 bad address syntax'],
  ['the address', 'RCPT TO', '551 5.1.6 moved without a new address'],
  ['the address', 'RCPT TO', '550 5.2.1 The email account that you tried to reach is disabled'],
  [
    'the moment',
    'RCPT TO',
    '550-5.2.1 The user you are trying to contact is receiving mail at a rate that\r\n550 5.2.1 prevents additional messages from being delivered',
  ],
  ['the moment', 'RCPT TO', '450 4.2.0 <zoe@customer.example>: Recipient address rejected: Greylisted'],
  ['the moment', 'RCPT TO', '452 4.2.2 The email account that you tried to reach is over quota'],
  ['our pace', 'MAIL FROM', '421 4.7.0 [192.0.2.1] Too many messages in this session, slow down'],
  ['our pace', 'MAIL FROM', '450 4.7.1 Error: too much mail from 192.0.2.1'],
  ['our pace', 'greeting', '421 4.7.0 mail.example Error: too many connections from 192.0.2.1'],
  ['our pace', 'RCPT TO', '451 4.7.1 <max@comms.example>: Sender address rejected: rate limit exceeded'],
  [
    'our pace',
    '.',
    '421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from\r\n421 4.7.28 your IP address',
  ],
  ['our pace', '.', '451 4.7.500 Server busy. Your messages are being throttled'],
  [
    'the moment',
    'RCPT TO',
    '450-4.2.1 The user you are trying to contact is receiving mail at a rate that\r\n450 4.2.1 prevents additional messages: too many messages',
  ],
  ['the moment', 'RCPT TO', '452 4.5.3 Error: too many recipients'],
  ['the moment', 'MAIL FROM', '421 4.7.0 Error: too many errors'],
  ['the message', 'RCPT TO', '552 5.2.2 mailbox full: over its daily quota'],
  ['the message', 'RCPT TO', '550 5.1.0 address rejected'],
  ['the message', 'RCPT TO', '550 5.4.1 Recipient address rejected: Access denied'],
  ['the message', 'RCPT TO', '550 5.1.1 unknown, or it does not take mail from this sender'],
  ['the message', 'RCPT TO', '550 5.7.1 the recipient has blocked this sender'],
  ['the message', '.', '554 5.7.1 spam message rejected'],
  ['the message', 'MAIL FROM', '552 5.3.4 Message size exceeds fixed limit'],
  [
    'our sender',
    'RCPT TO',
    '550 5.1.0 <max@comms.example>: Sender address rejected: User unknown in virtual mailbox table',
  ],
  ['our sender', 'RCPT TO', '550 5.1.1 <max@comms.example>: User unknown'],
  ['our sender', 'RCPT TO', '553 5.7.1 <max@comms.example>: Sender address rejected: not owned by user max'],
  ['our sender', 'RCPT TO', '550 Sender verify failed'],
  ['our sender', 'RCPT TO', '550 5.1.8 Domain of sender address does not exist'],
  ['our sender', 'MAIL FROM', '553 sorry, that domain is not allowed'],
  [
    'our sender',
    '.',
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated.\r\n550 5.7.26 Gmail requires all senders to authenticate',
  ],
  [
    'our sender',
    '.',
    '550 5.7.515 Access denied, sending domain does not meet the required authentication level',
  ],
  ['our sender', '.', '554 5.2.252 SendAsDenied; not allowed to send as another'],
  ['us', 'RCPT TO', '554 5.7.1 <zoe@customer.example>: Relay access denied'],
  ['us', 'RCPT TO', '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org'],
  ['us', 'RCPT TO', '530 5.7.0 Must issue a STARTTLS command first'],
  ['us', 'greeting', '554 5.7.1 no service for you'],
  [
    'our quota',
    'RCPT TO',
    "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
  ],
  [
    'our quota',
    '.',
    '550-5.4.5 Daily user sending limit exceeded.\r\n550 5.4.5 For more information see the help',
  ],
  ['our quota', '.', '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException'],
  ['our quota', 'MAIL FROM', '452 4.5.3 hourly sending quota reached'],
]

describe('smtp: whose fault a refusal is', () => {
  test.each(replies)('%s: %s "%s"', async (about, at, reply) => {
    expect(await failure((command) => (command === at ? reply : undefined))).toMatchObject(
      outcomes.get(about) ?? expect.fail(about),
    )
  })

  test.each([
    ['535', us],
    ['454', { certainty: 'retryable', stopsProvider: false }],
  ])('a login that is answered %s', async (code, expected) => {
    const { port } = await mailServer({
      onAuth: (_given, _session, done) =>
        done(Object.assign(new Error('authentication failed'), { responseCode: Number(code) })),
    })
    const error = await thrown(
      send(port, message, { host: 'localhost', credentials, tls: { ca: certificate } }),
    )
    expect(error).toMatchObject(expected)
    expect(error.message).toContain('check SMTP_USER and SMTP_PASSWORD')
  })
})
