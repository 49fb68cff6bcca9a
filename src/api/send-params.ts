import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Issue } from '#src/model/errors.ts'
import type { SendRequest } from '#src/model/send-request.ts'
import { tenantFor } from './access.ts'
import type { Asking } from './action.ts'
import { type Escalate, escalate } from './escalate-params.ts'
import { invalid, line, metadata, moment, reference, tenantId } from './params.ts'

const longestAheadMs = 366 * 24 * 3_600_000

/** What every send takes besides its own fields. */
export const commonFields = {
  tenantId: tenantId.optional(),
  provider: line(50).optional(),
  parentType: reference.optional(),
  parentId: reference.optional(),
  leadId: reference.optional(),
  sendAt: moment.optional(),
  expiresAt: moment.optional(),
  idempotencyKey: line(255).optional(),
  escalate: escalate.optional(),
  metadata: metadata.optional(),
}

const common = z.object(commonFields)

/** The common part of a send, checked against the clock and the token. `action` and `params` make the repeat comparable. */
export function sendRequest(
  action: string,
  params: unknown,
  fields: z.infer<typeof common>,
  asking: Asking,
  now: Date,
): Omit<SendRequest, 'message'> & { tenantId: string; escalate: Escalate | undefined } {
  const tenant = tenantFor(asking.access, fields.tenantId)
  if (fields.sendAt && fields.sendAt.getTime() > now.getTime() + longestAheadMs)
    throw invalid([{ path: 'sendAt', message: 'must be within a year' }])
  // One that has passed is no mistake in the request (its repeat has the same): it is answered 422 `expired`.
  if (fields.expiresAt && fields.sendAt && fields.expiresAt <= fields.sendAt)
    throw invalid([{ path: 'expiresAt', message: 'must be after sendAt' }])
  const half = halfAParent(fields)
  if (half) throw invalid([half])
  const key = idempotencyKey(fields.idempotencyKey, asking.idempotencyKey)
  return {
    tenantId: tenant,
    provider: fields.provider,
    parentType: fields.parentType,
    parentId: fields.parentId,
    leadId: fields.leadId,
    metadata: fields.metadata,
    sendAt: fields.sendAt,
    expiresAt: fields.expiresAt,
    escalate: fields.escalate,
    idempotency: key === undefined ? undefined : { key, requestHash: requestHash(action, params) },
    language: asking.language,
    requestId: asking.requestId,
  }
}

/** One names nothing without the other. */
function halfAParent({ parentType, parentId }: z.infer<typeof common>): Issue | undefined {
  if ((parentType === undefined) === (parentId === undefined)) return undefined
  return parentId === undefined
    ? { path: 'parentId', message: 'is missing (parentType is given: give both or neither)' }
    : { path: 'parentType', message: 'is missing (parentId is given: give both or neither)' }
}

function idempotencyKey(inBody: string | undefined, inHeader: string | undefined): string | undefined {
  if (inBody !== undefined && inHeader !== undefined && inBody !== inHeader)
    throw invalid([{ path: 'idempotencyKey', message: 'differs from the header Idempotency-Key' }])
  const key = inBody ?? inHeader
  if (key !== undefined && !line(255).safeParse(key).success)
    throw invalid([{ path: 'idempotencyKey', message: 'must be one line of at most 255 characters' }])
  return key
}

/** SHA-256 of the canonical JSON of what was asked, without its key: the same request however its fields are ordered. */
function requestHash(action: string, params: unknown): string {
  const asked =
    typeof params === 'object' && params !== null ? { ...params, idempotencyKey: undefined } : params
  return createHash('sha256')
    .update(canonical({ action, params: asked }))
    .digest('hex')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([left], [right]) => (left < right ? -1 : 1)))
      : entry,
  )
}
