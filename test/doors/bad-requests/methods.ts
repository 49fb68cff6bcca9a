import { actionsPath, asked, type BadRequest, refused, t1, templatesPath } from './bad-request.ts'
import { request } from './raw-requests.ts'

export function methods(): BadRequest[] {
  return [
    ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) =>
      refused(`${method} ${actionsPath}`, 404, 'not_found', asked(actionsPath, t1, method)),
    ),
    ...['POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) =>
      ['/api/messages', '/api/stats', '/api/events'].map((path) =>
        refused(`${method} ${path}`, 404, 'not_found', asked(path, t1, method)),
      ),
    ),
    ...['GET', 'PUT', 'DELETE'].map((method) =>
      refused(`${method} /api/sms/send`, 404, 'not_found', asked('/api/sms/send', t1, method)),
    ),
    ...['PATCH', 'PUT', 'DELETE'].map((method) =>
      refused(`${method} ${templatesPath}`, 404, 'not_found', asked(templatesPath, t1, method)),
    ),
    ...[
      '/',
      '/api',
      '/api/',
      '/nowhere',
      '/unreadable',
      '/webhooks',
      '/webhooks/constructor',
      '/.env',
      '/api/max/actions/x',
      '//api/messages',
    ].map((path) => refused(`GET ${path}`, 404, 'not_found', asked(path))),
    refused('TRACE', 404, 'not_found', { raw: request('TRACE / HTTP/1.1') }),
    refused('PROPFIND', 404, 'not_found', { raw: request('PROPFIND / HTTP/1.1') }),
  ]
}
