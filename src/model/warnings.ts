/** What the caller of a send should know though it went out: each word is stable, and means this. */
export const warningMeanings = {
  copies_suppressed: 'it went to no cc or bcc of people who are not to be written to',
  copy_refused: 'the mail server took it, but not for every cc and bcc: the events say for whom',
  events_of_copies_unknown:
    'Resend does not say which of its recipients it tells of: only what names one counts',
  no_status_callbacks:
    'BASE_URL cannot be called from outside, so that nothing is heard of what becomes of it',
  no_unsubscribe_link:
    'BASE_URL is not an https address that the world can call, or TRACKING_SECRET is not set: the mail has no unsubscribe link',
  attachment_type_shortened:
    'SendGrid takes no parameters of a media type: the method of an invitation stands in its file alone',
  buttons_as_text: 'the provider has no buttons: their titles stand below the text',
  outside_whatsapp_window: 'the person has not written within 24 hours: WhatsApp may refuse a free text',
  tracking_not_available:
    'opens and clicks were asked for, and nothing tells them: BASE_URL cannot be called from outside, or the mail has no HTML, or copies',
  resend_domain_tracks_opens: "the sender's domain at Resend tracks opens, though nobody consented",
  resend_domain_tracks_clicks: "the sender's domain at Resend tracks clicks, though nobody consented",
} as const

export type Warning = keyof typeof warningMeanings | `${typeof failedOver}${string}`

const failedOver = 'failed_over_from_'

/** That another provider carries the message than this one, to which it would have gone first. SQL has the same word. */
export function failedOverFrom(provider: string): Warning {
  return `${failedOver}${provider}`
}
