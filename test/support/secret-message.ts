import { expect } from 'vitest'
import type { Channel, OutgoingEmail, OutgoingMessage, OutgoingText } from '#src/model/message.ts'

const asked = {
  id: '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e',
  tenantId: 't1',
  createdAt: new Date('2026-11-22T10:00:00Z'),
}

/** An email of which nobody but its people may read anything. */
export const secretEmail: OutgoingEmail = {
  ...asked,
  channel: 'email',
  to: 'zoe.quintefeuille@patientin.example',
  cc: ['carl.haselmaus@patientin.example'],
  bcc: ['berta.wolkenstein@patientin.example'],
  replyTo: 'Schwester Apfelbaum <apfelbaum@praxis.example>',
  subject: 'Befund: Zahnschmerzen & "Müdigkeit"',
  text: 'Guten Tag Zoé Quintefeuille, der Rückenwirbel ist gebrochen. Ihr Kennwort: Geheimnis-47110815.',
  html: '<p>Guten Tag Zo&eacute; Quintefeuille, der <b>Rückenwirbel</b> ist gebrochen: <a href="https://praxis.example/e/Geheimnis47110815">hier</a></p>',
  attachments: [{ filename: 'Röntgenbild.txt', content: 'WsOkaG5l', contentType: 'text/plain' }],
  tracking: { opens: false, clicks: false },
}

/** A text to a phone, and on WhatsApp of a template. */
export function secretText(channel: Exclude<Channel, 'email'>): OutgoingText {
  const body = 'Guten Tag Zoé Quintefeuille, Ihr Befund: Rückenwirbel & "Müdigkeit". Geheimnis-47110815'
  return { ...asked, channel, to: '+33612345678', body }
}

export function secretMessage(channel: Channel): OutgoingMessage {
  return channel === 'email' ? secretEmail : secretText(channel)
}

/** What a provider may quote of it. */
export function quotable(message: OutgoingMessage): string[] {
  if (message.channel !== 'email') return [message.body, message.to, 'Zoé Quintefeuille']
  const { to, cc = [], bcc = [], subject, text = '', html = '', attachments = [] } = message
  const parts = [
    to,
    `<${to}>`,
    to.replace(/@.*/, ''),
    ...cc,
    ...bcc,
    ...attachments.map((one) => one.filename),
  ]
  return [subject, text, html, ...parts].filter((part) => part !== '')
}

/** Words that stand nowhere but in these messages (a number of eight digits: ids and times have shorter ones), in small letters without accents. */
const words =
  'quintefeuille patientin haselmaus wolkenstein apfelbaum befund zahnschmerzen mudigkeit ruckenwirbel geheimnis 47110815 rontgenbild 612345678'

/** Fails where a text has a word of the messages, however it is written, or one of these parts. */
export function expectNothingOf(told: string, parts: readonly string[] = []): void {
  const folded = told.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const digits = told.replace(/[\s().-]/g, '')
  for (const word of words.split(' ')) if (folded.includes(word)) expect.fail(`${word} is told: ${told}`)
  for (const part of ['612345678', ...parts])
    if (told.includes(part) || digits.includes(part)) expect.fail(`${part} is told: ${told}`)
}

/** How whoever quotes a text may write it. */
export const writings: readonly (readonly [how: string, write: (text: string) => string])[] = [
  ['in capitals', (text) => text.toUpperCase()],
  ['cut short', (text) => `${text.slice(0, Math.ceil(text.length * 0.7))}…`],
  ['as HTML', (text) => text.replace(/[^\w .@-]/g, (one) => `&#${one.codePointAt(0)};`)],
  ['as JSON', (text) => JSON.stringify(text).replace(/[^ -~]/g, (one) => `\\u${hex(one, 4)}`)],
  ['in an encoded word', (text) => `=?UTF-8?Q?${bytes(text).map(quotedPrintable).join('')}?=`],
  ['in an encoded word of base64', (text) => `=?utf-8?b?${Buffer.from(text).toString('base64')}?=`],
  ['in base64', (text) => Buffer.from(text).toString('base64')],
  ['as in a URL', (text) => encodeURIComponent(text)],
]

function bytes(text: string): number[] {
  return [...Buffer.from(text)]
}

function quotedPrintable(byte: number): string {
  const character = String.fromCharCode(byte)
  if (character === ' ') return '_'
  return /[A-Za-z0-9]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, '0')
}
