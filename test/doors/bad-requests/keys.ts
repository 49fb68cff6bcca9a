import {
  action,
  type BadRequest,
  goodSms,
  invalid,
  refused,
  sendNames,
  sends,
  usedKey,
} from './bad-request.ts'

export function keys(): BadRequest[] {
  return [
    ...sendNames.map((send) =>
      invalid(
        `${send} with two different keys`,
        action(send, { ...sends[send], idempotencyKey: 'a' }, { 'Idempotency-Key': 'b' }),
        'idempotencyKey',
      ),
    ),
    invalid(
      'an empty Idempotency-Key',
      action('sendSMS', goodSms, { 'Idempotency-Key': '' }),
      'idempotencyKey',
    ),
    invalid(
      'an Idempotency-Key of 256',
      action('sendSMS', goodSms, { 'Idempotency-Key': 'x'.repeat(256) }),
      'idempotencyKey',
    ),
    refused(
      'the same key for another text',
      409,
      'idempotency_conflict',
      action('sendSMS', { ...goodSms, body: 'Ho', idempotencyKey: usedKey }),
    ),
    refused(
      'the same key for another channel',
      409,
      'idempotency_conflict',
      action('sendWhatsApp', goodSms, { 'Idempotency-Key': usedKey }),
    ),
    refused(
      'the same key for another field',
      409,
      'idempotency_conflict',
      action('sendSMS', { ...goodSms, leadId: 'l', idempotencyKey: usedKey }),
    ),
  ]
}
