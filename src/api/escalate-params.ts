import { z } from 'zod'
import type { Issue } from '#src/model/errors.ts'
import { AppError } from '#src/model/errors.ts'
import { type EscalationStep, keptRequest, type SendRequest } from '#src/model/send-request.ts'
import { spanSeconds } from '#src/model/span.ts'
import type { Asking } from './action.ts'
import { invalid, line } from './params.ts'

const longestAfterSeconds = 7 * 86_400

const span = line(10).transform((value, context) => {
  const seconds = spanSeconds(value)
  if (seconds !== undefined && seconds <= longestAfterSeconds) return seconds
  context.addIssue({
    code: 'custom',
    message: 'must be a span of at most 7 days, such as 90s, 15m, 2h or 1d',
  })
  return z.NEVER
})

/** What follows where nobody is reached: the steps in their order, each a send of its own. */
export const escalate = z
  .array(
    z.strictObject({
      action: line(50),
      params: z.record(z.string(), z.unknown()),
      after: span,
      unless: z.enum(['delivered', 'read']).default('delivered'),
    }),
  )
  .max(5, 'must have at most 5 steps')
export type Escalate = z.infer<typeof escalate>

/** A valid request of one action, not sent yet. Throws AppError 400. */
export type Prepare = (params: unknown, asking: Asking) => SendRequest & { escalate?: Escalate | undefined }

/** Said of the whole escalation by its first message, and not again by a step. */
const ofTheWhole = ['tenantId', 'sendAt', 'expiresAt', 'idempotencyKey', 'escalate']

/** A request with what follows it, where it asks for that. Throws AppError 400. */
export function escalated(
  { escalate, ...request }: ReturnType<Prepare>,
  actions: ReadonlyMap<string, Prepare>,
  asking: Asking,
): SendRequest {
  if (!escalate?.length) return request
  return { ...request, escalation: { steps: escalationSteps(request, escalate, actions, asking) } }
}

/**
 * The steps as requests, each valid by the schema of its action. Throws AppError 400 that names the step:
 * `escalate.0.params.to`.
 */
function escalationSteps(
  first: SendRequest,
  steps: Escalate,
  actions: ReadonlyMap<string, Prepare>,
  asking: Asking,
): EscalationStep[] {
  return steps.map(({ action, params, after, unless }, index) => {
    const at = `escalate.${index}`
    const prepare = actions.get(action)
    if (!prepare)
      throw invalid([{ path: `${at}.action`, message: `must be one of ${[...actions.keys()].join(', ')}` }])
    const field = ofTheWhole.find((name) => Object.hasOwn(params, name))
    if (field !== undefined)
      throw invalid([{ path: `${at}.params.${field}`, message: 'is for the first message only (remove it)' }])
    const request = prepared(`${at}.params`, () =>
      prepare({ ...params, tenantId: first.message.tenantId }, { ...asking, idempotencyKey: undefined }),
    )
    const { channel } = request.message
    return { channel, afterSeconds: after, unless, request: keptRequest(continued(first, request)) }
  })
}

/** A step's request: what a step does not say of its own is as the first message has it. */
function continued(first: SendRequest, step: SendRequest): SendRequest {
  const fields = Object.entries(step).filter(([, value]) => value !== undefined)
  return { ...first, provider: undefined, template: undefined, ...Object.fromEntries(fields) }
}

const issues = z.array(z.object({ path: z.string(), message: z.string() }))

/** What is wrong with a step is named by its place in the whole. */
function prepared<Given>(at: string, prepare: () => Given): Given {
  try {
    return prepare()
  } catch (error) {
    const found = error instanceof AppError ? issues.safeParse(error.details.issues) : undefined
    if (!found?.success) throw error
    throw invalid(
      found.data.map(({ path, message }): Issue => ({ path: path === '' ? at : `${at}.${path}`, message })),
    )
  }
}
