import { expect, it } from 'vitest'
import { escalationView, view } from '#src/api/view.ts'

it('a row is shown in camelCase, its times in ISO 8601 UTC', () => {
  expect(
    view({ provider_message_id: 'SM1', created_at: '2026-11-22T10:00:00.5+01:00', at: null, number: 2 }),
  ).toEqual({ providerMessageId: 'SM1', createdAt: '2026-11-22T09:00:00.500Z', at: null, number: 2 })
})

it('how a row is worked with is not shown', () => {
  expect(
    view({ id: 'one', phase: 'claimed', lease_until: '2026-11-22T10:00:00Z', raw_text: '\\u0000' }),
  ).toEqual({
    id: 'one',
  })
})

it('what came from outside is shown as it came, whatever its names', () => {
  const raw = { sent_at: '2026-11-22T10:00:00+01:00', Status_Code: 1 }
  expect(view({ raw, metadata: raw, at: '2026-11-22T10:00:00+01:00' })).toEqual({
    raw,
    metadata: raw,
    at: '2026-11-22T09:00:00.000Z',
  })
})

it('an escalation tells its steps, by which message its person was reached, and what stopped it', () => {
  const step = {
    number: 1,
    channel: 'sms',
    unless: 'delivered',
    after_seconds: 900,
    state: 'sent',
    reason: 'failed',
    due_at: null,
    message_id: 'two',
  } as const
  expect(escalationView({ id: 'one', reached_by: null, stopped: 'answered', steps: [step] })).toEqual({
    id: 'one',
    reachedBy: null,
    stopped: 'answered',
    steps: [
      {
        number: 1,
        channel: 'sms',
        unless: 'delivered',
        afterSeconds: 900,
        state: 'sent',
        reason: 'failed',
        dueAt: null,
        messageId: 'two',
      },
    ],
  })
})
