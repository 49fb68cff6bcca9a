export const providerNames = ['smtp', 'sendgrid', 'resend', 'twilio', 'greenapi', 'espocrm'] as const
export type ProviderName = (typeof providerNames)[number]

/** Something that happened here, for people to read. Holds no credentials. */
export interface SandboxLine {
  event:
    | 'message_accepted'
    | 'mail_read'
    | 'request_refused'
    | 'customer_wrote'
    | 'webhook_posted'
    | 'webhook_skipped'
    | 'answer_suspect'
    | 'outage_began'
    | 'state_changed'
    | 'record_written'
    | 'sandbox_failed'
  provider: ProviderName | 'sandbox'
  text: string
}
