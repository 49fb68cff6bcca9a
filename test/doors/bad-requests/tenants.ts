import { jwt } from '../jwt.ts'
import {
  action,
  asked,
  type BadRequest,
  everyTenant,
  invalid,
  refused,
  sendNames,
  sends,
  t1,
} from './bad-request.ts'

export function tenants(): BadRequest[] {
  const bearer = { Authorization: `Bearer ${everyTenant}` }
  return [
    ...sendNames.flatMap((send) => [
      refused(
        `${send} for another tenant`,
        403,
        'forbidden',
        action(send, { ...sends[send], tenantId: 't2' }),
      ),
      invalid(`${send} for no tenant`, action(send, sends[send], bearer), 'tenantId'),
    ]),
    refused('listMessages of another tenant', 403, 'forbidden', action('listMessages', { tenantId: 't2' })),
    refused('GET /api/messages of another tenant', 403, 'forbidden', asked('/api/messages?tenantId=t2')),
    refused('GET /api/stats of another tenant', 403, 'forbidden', asked('/api/stats?tenantId=t2')),
    refused('the quarantine without ops', 403, 'forbidden', asked('/api/events?quarantined=1', everyTenant)),
    refused(
      'the quarantine as a tenant',
      403,
      'forbidden',
      asked('/api/events?quarantined=1', jwt({ tenantId: 't1', scope: 'ops' })),
    ),
    refused("GET another tenant's message", 404, 'not_found', ({ othersMessage }) =>
      asked(`/api/messages/${othersMessage}`),
    ),
    refused("getMessage of another tenant's", 404, 'not_found', ({ othersMessage }) =>
      action('getMessage', { id: othersMessage }),
    ),
    refused("another tenant's message cancelled", 404, 'not_found', ({ othersMessage }) =>
      asked(`/api/messages/${othersMessage}/cancel`, t1, 'POST'),
    ),
    refused(
      'a message that is not there',
      404,
      'not_found',
      asked('/api/messages/00000000-0000-4000-8000-000000000000'),
    ),
  ]
}
