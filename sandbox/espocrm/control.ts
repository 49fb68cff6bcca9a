import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { checked } from '../checked.ts'
import { meetingOrder, personOrder, type SandboxCrm } from './crm.ts'
import { switchOrder } from './switches.ts'

const unansweredOrder = z.strictObject({
  kind: z.enum(['timeout', 'drop']),
  count: z.int().min(1, 'must be at least 1').optional(),
})

/** The control of the CRM, below `/sandbox/crm`: what is in it, new records, its settings and its broken lines. */
export function crmControl(crm: SandboxCrm): Router {
  const router = Router()
  router.get(
    '/',
    (_request, response) =>
      void response.json({ switches: crm.switches, records: crm.records(), writes: crm.writes() }),
  )
  const post = <T>(path: string, schema: z.ZodType<T>, make: (order: T) => unknown) =>
    router.post(path, (request: Request, response: Response) => {
      const order = checked(schema, request, response)
      if (order !== undefined) response.json(make(order))
    })
  post('/lead', personOrder, crm.lead)
  post('/contact', personOrder, crm.contact)
  post('/account', personOrder, crm.account)
  post('/meeting', meetingOrder, crm.meeting)
  post('/switches', switchOrder.partial(), (order) => ({ switches: Object.assign(crm.switches, order) }))
  post('/unanswered', unansweredOrder, ({ kind, count }) => {
    crm.unanswered(kind, count)
    return { kind, count: count ?? 1 }
  })
  return router
}
