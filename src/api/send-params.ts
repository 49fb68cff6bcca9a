import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Issue } from '#src/model/errors.ts'
import { jsonParts } from '#src/model/large-json.ts'
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

type Common = z.infer<typeof common>
type Escalating = { escalate: Escalate | undefined }

/**
 * A send, checked against the clock and the token: what every send takes as a request, and `own`, what this one takes
 * besides. `action` and `params` make the repeat comparable.
 */
export function sendRequest<Fields extends Common>(
  action: string,
  params: unknown,
  fields: Fields,
  asking: Asking,
  now: Date,
): { own: Omit<Fields, keyof Common>; tenantId: string; request: Omit<SendRequest, 'message'> & Escalating } {
  const { named, keyInBody, said, own } = divided(fields)
  const { sendAt, expiresAt } = said
  const tenantId = tenantFor(asking.access, named)
  if (sendAt && sendAt.getTime() > now.getTime() + longestAheadMs)
    throw invalid([{ path: 'sendAt', message: 'must be within a year' }])
  // One that has passed is not a mistake in the request (its repeat has the same): it is answered 422 `expired`.
  if (expiresAt && sendAt && expiresAt <= sendAt)
    throw invalid([{ path: 'expiresAt', message: 'must be after sendAt' }])
  const half = halfAParent(said)
  if (half) throw invalid([half])
  const key = idempotencyKey(keyInBody, asking.idempotencyKey)
  const idempotency = key === undefined ? undefined : { key, requestHash: requestHash(action, params) }
  const { language, requestId } = asking
  return { own, tenantId, request: { ...said, idempotency, language, requestId } }
}

/** What every send takes: what is looked at here, what is passed on as it was said; and what is left of the fields. */
function divided<Fields extends Common>(fields: Fields) {
  const {
    tenantId: named,
    idempotencyKey: keyInBody,
    provider,
    parentType,
    parentId,
    leadId,
    sendAt,
    expiresAt,
    escalate,
    metadata,
    ...own
  } = fields
  const said = { provider, parentType, parentId, leadId, sendAt, expiresAt, escalate, metadata }
  return { named, keyInBody, said, own }
}

/** One names nothing without the other. */
function halfAParent({ parentType, parentId }: Pick<Common, 'parentType' | 'parentId'>): Issue | undefined {
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
  const content =
    typeof params === 'object' && params !== null ? { ...params, idempotencyKey: undefined } : params
  const hash = createHash('sha256')
  for (const part of jsonParts(sorted({ action, params: content }))) hash.update(part)
  return hash.digest('hex')
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([key, field]) => [key, sorted(field)]))
}
