import { randomBytes } from 'node:crypto'
import { expect, vi } from 'vitest'
import { drained } from './signed.ts'
import type { Answer, World } from './world.ts'

/** One way to send: an action by a provider. */
export interface Way {
  action: 'sendEmail' | 'sendWhatsApp' | 'sendSMS'
  provider: 'smtp' | 'sendgrid' | 'resend' | 'twilio' | 'greenapi'
}

export const ways = [
  { action: 'sendEmail', provider: 'smtp' },
  { action: 'sendEmail', provider: 'sendgrid' },
  { action: 'sendEmail', provider: 'resend' },
  { action: 'sendWhatsApp', provider: 'twilio' },
  { action: 'sendWhatsApp', provider: 'greenapi' },
  { action: 'sendSMS', provider: 'twilio' },
] as const satisfies readonly Way[]

export const [bySmtp, bySendgrid, byResend, byTwilio, byGreenapi, bySms] = ways

/** The last two digits of a number, by its story; `busy` of an address is its local part. */
const digits = new Map([
  ['ok', '70'],
  ['refused', '80'],
  ['busy', '81'],
  ['down', '82'],
  ['timeout', '83'],
  ['drop', '84'],
  ['silent', '85'],
  ['undelivered', '90'],
  ['no-account', '91'],
])

let people = 10_000

/** An address on this way's channel that nobody wrote to yet, with this story in the sandbox. */
export function person({ action }: Way, story: string): string {
  people += 1
  return action === 'sendEmail'
    ? `${story}+${randomBytes(6).toString('hex')}@customers.example`
    : `+3362${people}${digits.get(story)}`
}

export function send(
  world: World,
  { action, provider }: Way,
  to: string,
  more: object = {},
): Promise<Answer> {
  const subject = action === 'sendEmail' ? { subject: 'Test' } : {}
  return world.action(action, { to, body: 'Bonjour', provider, ...subject, ...more })
}

/** To be sent in an hour: the test says when that has passed. */
export async function schedule(world: World, way: Way, to: string, more: object = {}): Promise<string> {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  const { status, body } = await send(world, way, to, { sendAt, ...more })
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'scheduled' } })
  return body.messageId
}

export function receivedBy(world: World, to: string) {
  return world.sandbox.received().filter((message) => message.to === to)
}

export async function shown(world: World, messageId: string): Promise<Answer['body']> {
  return (await world.call('GET', `/api/messages/${messageId}`)).body
}

/** Until the message is shown with these fields. */
export function becomes(world: World, messageId: string, fields: object) {
  return vi.waitFor(
    async () => {
      const body = await shown(world, messageId)
      expect(body.message).toMatchObject(fields)
      return body
    },
    { timeout: 15_000, interval: 20 },
  )
}

/** As if the time of its next attempt had come. An unknown outcome that still lay in the spool would set it anew. */
export async function comes(world: World, ...messageIds: string[]): Promise<void> {
  await drained(world.url)
  await world.database.query('update messages set next_attempt_at = now() where id = any ($1)', [messageIds])
}

/** As if it were time to ask the provider about it; resolves when what the provider answers is recorded. */
export async function asked(world: World, messageId: string): Promise<void> {
  const [before] = await world.database.query('select checks from messages where id = $1', [messageId])
  // Looked up one after another: when it is asked about once more, the first look-up has ended.
  await vi.waitFor(
    async () => {
      const [row] = await world.database.query(
        'update messages set check_at = now() where id = $1 and checks < $2 returning checks',
        [messageId, Number(before?.checks) + 2],
      )
      expect(row).toBeUndefined()
    },
    { timeout: 15_000, interval: 20 },
  )
}

export async function bearer(world: World, tenantId: string | undefined, ops: boolean) {
  return { Authorization: `Bearer ${await world.token(tenantId, { ops })}` }
}

/** The lines the server logged of this fact. */
export function logged(world: World, fact: string): Record<string, unknown>[] {
  return world.logLines.filter((line) => line.includes(`"message":"${fact}"`)).map((line) => JSON.parse(line))
}
