/** One message of the demo, and the facts that its timeline must show in the end. */
export interface Planned {
  title: string
  action: 'sendEmail' | 'sendSMS' | 'sendWhatsApp'
  params: Record<string, unknown>
  expected: readonly string[]
}

const email = (provider: string) => ({
  provider,
  to: 'anna@example.com',
  subject: `Bonjour par ${provider}`,
  body: '<p>Votre rendez-vous est confirmé. <a href="https://example.com/rdv">Voir</a></p>',
  text: 'Votre rendez-vous est confirmé.',
  // Opens are only asked for with the person's consent.
  tracking: { opens: true, consent: { at: '2026-11-01T09:00:00Z', how: 'form of contact' } },
})

/** Every provider on every channel it has. Plain SMTP tells nothing after it has accepted a message: our own pixel does. */
export const plan: readonly Planned[] = [
  { title: 'Email by SMTP', action: 'sendEmail', params: email('smtp'), expected: ['sent', 'opened'] },
  {
    title: 'Email by SendGrid',
    action: 'sendEmail',
    params: email('sendgrid'),
    expected: ['sent', 'delivered', 'opened'],
  },
  {
    title: 'Email by Resend',
    action: 'sendEmail',
    // Resend tracks by domain, not by message: this is the sandbox's domain that does.
    params: { ...email('resend'), from: 'Max Comms <bonjour@sandbox.example>' },
    expected: ['sent', 'delivered', 'opened'],
  },
  {
    title: 'WhatsApp by Twilio',
    action: 'sendWhatsApp',
    params: { provider: 'twilio', to: '06 12 34 56 70', body: 'Votre RDV est demain à 14 h.' },
    expected: ['queued', 'sent', 'delivered', 'read'],
  },
  {
    title: 'SMS by Twilio',
    action: 'sendSMS',
    params: { to: '+33612345671', body: 'Votre RDV est demain à 14 h.' },
    expected: ['queued', 'sent', 'delivered'],
  },
  {
    title: 'WhatsApp by Green-API',
    action: 'sendWhatsApp',
    params: { provider: 'greenapi', to: '0033612345672', body: 'À demain !' },
    expected: ['queued', 'sent', 'delivered', 'read'],
  },
]
