import { expect, it } from 'vitest'
import type { z } from 'zod'
import { commonFields, sendRequest } from '#src/api/send-params.ts'
import { stepRequest } from '#src/model/send-request.ts'

/** What every send takes, each field with something in it: a new one without it does not compile. */
const common: Required<z.infer<z.ZodObject<typeof commonFields>>> = {
  tenantId: 't1',
  provider: 'twilio',
  parentType: 'Meeting',
  parentId: 'meeting-1',
  leadId: 'lead-1',
  sendAt: new Date('2026-11-22T10:00:00Z'),
  expiresAt: new Date('2026-11-22T12:00:00Z'),
  idempotencyKey: 'key-1',
  escalate: [{ action: 'sendSMS', params: {}, after: 900, unless: 'read' }],
  metadata: { any: 'kind' },
}

/** What the first message of an escalation says for the whole. */
const saidOnce = ['tenantId', 'sendAt', 'idempotencyKey', 'escalate']

it('what every send takes is in its request, and in no message', () => {
  const own = { to: '+33612345678', body: 'Bonjour' }
  const access = { tenantId: undefined, ops: false }
  const asking = { access, requestId: 'r', language: 'fr', idempotencyKey: undefined } as const
  const now = new Date('2026-11-22T09:00:00Z')
  const found = sendRequest('sendSMS', {}, { ...common, ...own }, asking, now)
  const { tenantId, idempotencyKey: key, ...said } = common
  expect(found).toMatchObject({ tenantId, request: { ...said, idempotency: { key } } })
  expect(found.own).toEqual(own)
})

it('what every send takes is kept with a step of an escalation, but for what is said once', () => {
  const lost = Object.keys(commonFields).filter((field) => !Object.hasOwn(stepRequest.shape, field))
  expect(lost.toSorted()).toEqual(saidOnce.toSorted())
})
