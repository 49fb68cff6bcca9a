import type { Sentences } from './sentences.ts'

export const en: Sentences = {
  language: 'en',
  locale: 'en-GB',
  channels: { email: 'Email', sms: 'SMS', whatsapp: 'WhatsApp' },
  standings: {
    sent: (whom) => `sent to ${whom}`,
    queued: (whom) => `waiting to be sent to ${whom}`,
    scheduled: (whom) => `scheduled for ${whom}`,
    unknown: (whom) => `may have been sent (to be checked) to ${whom}`,
    cancelled: (whom) => `cancelled for ${whom}`,
    received: (whom) => `received from ${whom}`,
    unsent: (whom) => `not sent to ${whom}`,
    failed: (whom) => `not delivered to ${whom}`,
    bounced: (whom) => `refused by the mailbox of ${whom}`,
    complained: (whom) => `reported as spam by ${whom}`,
  },
  reasons: {
    expired: 'its time had passed',
    suppressed: 'this address is not to be written to any more',
    outside_whatsapp_window:
      'this person has not written for more than 24 hours (WhatsApp then takes only an approved template)',
    attempts_exhausted: 'every attempt failed',
    provider_off: 'this way of sending is turned off',
    cleared: 'taken out of the queue before it was sent',
    unreadable: 'what was to be sent could not be read',
    resolved_as_failed: 'a person found that it did not go out',
  },
  because: (reason) => `Reason: ${reason}`,
  withReason: (sentence, reason) => `${sentence}: ${reason}`,
  noSubject: '(no subject)',
  questions: {
    unclear: 'an answer that is not clear',
    no_appointment_ahead: 'an answer without an appointment ahead',
    late: 'an answer that came late',
    unknown_number: 'an answer from an unknown number',
    refusal: 'may not want to be written to any more',
  },
  toAnswer: (question) => `Answer the customer (${question})`,
  customerWrote: (question, words) => `${question}: “${words}”`,
  severalPeople:
    'Several records have this address: this one was chosen (the most recent open lead, else a contact).',
}
