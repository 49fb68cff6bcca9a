/** What becomes of a message: the recipient decides, on every channel. */
export const stories = [
  {
    name: 'ok',
    description:
      'ends well: sent, delivered, then read (WhatsApp) or opened (email, where opens are tracked)',
    exceptions:
      'SMTP only accepts it; six seconds later its reader loads the pictures of the server under test',
  },
  {
    name: 'scanner',
    email: 'scanner',
    description: 'a gateway loads every picture and follows every link at once, and nobody reads it',
    exceptions: 'by SMTP. Elsewhere the same as ok',
  },
  {
    name: 'bounce',
    email: 'bounce',
    description: 'hard bounce 5.1.1, the address does not exist',
    exceptions: 'SMTP: 550 at RCPT TO',
  },
  {
    name: 'full',
    email: 'full',
    description: 'soft bounce 5.2.2, after a deferral: the mailbox is full',
    exceptions: 'SMTP: 552 at RCPT TO',
  },
  {
    name: 'blocked',
    email: 'blocked',
    description: 'blocked by policy 5.7.1, not the address’s fault',
    exceptions: 'SMTP: 554 after DATA',
  },
  {
    name: 'spam',
    email: 'spam',
    description: 'delivered, then reported as spam',
    exceptions: 'SMTP: only accepted, complaints do not come back this way',
  },
  {
    name: 'refused',
    email: 'refused',
    phone: '80',
    description: 'refused at once: 4xx for good, nothing is sent',
    exceptions: 'SMTP: 550 5.7.1 at RCPT TO',
  },
  {
    name: 'busy',
    email: 'busy',
    phone: '81',
    description: 'turned away the first time (429), accepted from the second on',
    exceptions: 'SMTP: 451 4.7.1 at RCPT TO; DELETE /sandbox/messages starts again',
  },
  {
    name: 'down',
    email: 'down',
    phone: '82',
    description: 'the provider answers 500 and has not taken the message',
    exceptions: 'SMTP: 421 at RCPT TO',
  },
  {
    name: 'timeout',
    email: 'timeout',
    phone: '83',
    description: 'accepted and it ends well, but the API never answers; the line is cut after 30 s',
    exceptions: 'SMTP: silence after DATA',
  },
  {
    name: 'drop',
    email: 'drop',
    phone: '84',
    description: 'accepted and it ends well, but the connection is reset instead of an answer',
    exceptions: 'SMTP: after DATA',
  },
  {
    name: 'silent',
    email: 'silent',
    phone: '85',
    description: 'accepted, no webhook ever; the provider’s own look-up knows how it ended',
    exceptions: 'SMTP: the same as ok. SendGrid: has no look-up here',
  },
  {
    name: 'twice',
    email: 'twice',
    phone: '86',
    description: 'every webhook comes twice',
    exceptions: 'SendGrid: also twice within one batch. SMTP: the same as ok',
  },
  {
    name: 'reverse',
    email: 'reverse',
    phone: '87',
    description: 'the webhooks come in reverse order, each with its true time',
    exceptions: 'SMTP: the same as ok',
  },
  {
    name: 'late',
    email: 'late',
    phone: '88',
    description: 'the webhooks come after ten times the usual delay',
    exceptions: 'SMTP: the same as ok',
  },
  {
    name: 'early',
    email: 'early',
    phone: '89',
    description: 'the webhooks come before the API answers',
    exceptions: 'SMTP: the same as ok',
  },
  {
    name: 'undelivered',
    phone: '90',
    description: 'sent but not delivered: Twilio undelivered with 30003, Green-API failed',
    exceptions: 'no such thing by email: see bounce',
  },
  {
    name: 'no-account',
    phone: '91',
    description: 'unknown number: Twilio failed with 63003 (WhatsApp) or 30005 (SMS), Green-API noAccount',
    exceptions: 'no such thing by email: see bounce',
  },
  {
    name: 'oui',
    phone: '95',
    description: 'ends well, then the customer answers OUI',
    exceptions: 'not by email',
  },
  {
    name: 'non',
    phone: '96',
    description: 'ends well, then the customer answers NON',
    exceptions: 'not by email',
  },
  {
    name: 'button',
    phone: '97',
    description:
      'ends well, then the customer presses the first button (of a Twilio template; else one with the payload confirm)',
    exceptions: 'SMS has no buttons: the same as ok. Not by email',
  },
  {
    name: 'stop',
    phone: '98',
    description: 'ends well, then the customer writes STOP',
    exceptions:
      'Twilio SMS: later messages are refused with 21610 until the customer says START. Not by email',
  },
] as const satisfies readonly StoryRow[]

interface StoryRow {
  name: string
  /** The local part of the address, before any `+`. */
  email?: string
  /** The last two digits of the number. */
  phone?: string
  description: string
  exceptions?: string
}

export type Story = (typeof stories)[number]['name']

const byEmail = new Map<string, Story>()
const byPhone = new Map<string, Story>()
for (const row of stories) {
  if ('email' in row) byEmail.set(row.email, row.name)
  if ('phone' in row) byPhone.set(row.phone, row.name)
}

/** The story of an email address. */
export function emailStory(address: string): Story {
  const local = address.slice(0, address.lastIndexOf('@')).split('+', 1)[0] ?? ''
  return byEmail.get(local.toLowerCase()) ?? 'ok'
}

/** The story of a number: E.164, `whatsapp:+…` or `…@c.us`. */
export function phoneStory(address: string): Story {
  return byPhone.get(address.replaceAll(/\D/g, '').slice(-2)) ?? 'ok'
}
