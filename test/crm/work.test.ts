import { expect, test } from 'vitest'
import type { Crm, DeliveryFacts } from '#src/contract/crm.ts'
import { workOf } from '#src/crm/work.ts'
import type { Job } from '#src/store/calls/jobs.ts'

/** What the CRM is told of a message that stands there. */
async function toldOf(status: string, message: object): Promise<DeliveryFacts | undefined> {
  let told: DeliveryFacts | undefined
  const crm = {
    personBy: async () => undefined,
    tell: async (_message: unknown, facts: DeliveryFacts) => (told = facts),
  }
  const tools = { crm: crm as unknown as Crm } as Parameters<typeof workOf>[0]
  const row = {
    id: 'm1',
    channel: 'sms',
    direction: 'inbound',
    recipient: '+33600000000',
    sender: '+33600000001',
  }
  const created_at = new Date('2026-11-22T07:15:00Z')
  await workOf(tools).get('tell')?.({
    payload: { status },
    message: { ...row, created_at, ...message },
  } as unknown as Job)
  return told
}

test('what held a message up for a while is no reason for what became of it', async () => {
  const message = { delivered_at: new Date('2026-11-22T08:00:00Z'), error_message: '451 4.7.1 greylisted' }
  expect(await toldOf('delivered', message)).toEqual({
    status: 'Delivered',
    deliveredAt: new Date('2026-11-22T08:00:00Z'),
    openedAt: undefined,
    reason: undefined,
  })
})

test.each([
  ['bounced', 'Bounced'],
  ['failed', 'Failed'],
  ['rejected', 'Failed'],
  ['complained', 'Spam'],
])('why it %s is said', async (status, word) => {
  expect(await toldOf(status, { error_message: 'no such user' })).toMatchObject({
    status: word,
    reason: 'no such user',
  })
})

test.each([
  ['opened', 'Read'],
  ['read', 'Read'],
  ['clicked', 'Clicked'],
  ['sent', 'Sent'],
])('%s is %s in the CRM', async (status, word) => {
  expect(await toldOf(status, {})).toMatchObject({ status: word })
})
