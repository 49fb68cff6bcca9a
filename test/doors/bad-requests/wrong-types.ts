import { action, type BadRequest, invalid, sendNames, wrong } from './bad-request.ts'

const texts = ['tenantId', 'provider', 'parentType', 'parentId', 'leadId', 'sendAt', 'expiresAt']

const lists = ['cc', 'bcc', 'attachments']

/** Every field of every action with values of every other type. */
export function wrongTypes(): BadRequest[] {
  const common = sendNames.flatMap((send) => [
    ...[...texts, 'idempotencyKey', 'to', 'body'].flatMap((field) =>
      [42, true, null, [], {}].map((value) => wrong(send, field, value)),
    ),
    ...['x', 42, true, null, {}].map((value) => wrong(send, 'escalate', value)),
    ...['x', 42, true, null, []].map((value) => wrong(send, 'metadata', value)),
  ])
  const email = [
    ...['subject', 'text', 'from', 'replyTo'].flatMap((field) =>
      [42, true, null, [], {}].map((value) => wrong('sendEmail', field, value)),
    ),
    ...lists.flatMap((field) => ['x', 42, true, null, {}].map((value) => wrong('sendEmail', field, value))),
    ...['x', 42, true, null, []].map((value) => wrong('sendEmail', 'tracking', value)),
    ...['x', 42, null, [], {}].map((value) => wrong('sendEmail', 'unsubscribe', value)),
    ...[42, null, ['x'], {}].map((value) => wrong('sendEmail', 'cc', [value], 'cc.0')),
    ...[42, null, 'x'].map((value) => wrong('sendEmail', 'attachments', [value], 'attachments.0')),
    ...['opens', 'clicks'].flatMap((flag) =>
      ['true', 1, null, []].map((value) =>
        wrong('sendEmail', 'tracking', { [flag]: value }, `tracking.${flag}`),
      ),
    ),
  ]
  const looks = [
    ...[42, true, null, [], {}].map((id) =>
      invalid(`getMessage ${JSON.stringify(id)}`, action('getMessage', { id }), 'id'),
    ),
    ...['leadId', 'to', 'status', 'channel', 'cursor', 'tenantId'].flatMap((field) =>
      [42, true, null, [], {}].map((value) =>
        invalid(
          `listMessages with ${field} ${JSON.stringify(value)}`,
          action('listMessages', { [field]: value }),
          field,
        ),
      ),
    ),
    ...['x', '', true, null, [], [5], {}, 0, -1, 1.5, 201, 1e9].map((limit) =>
      invalid(`listMessages with limit ${JSON.stringify(limit)}`, action('listMessages', { limit }), 'limit'),
    ),
  ]
  return [...common, ...email, ...looks]
}
