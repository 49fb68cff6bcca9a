import type { CrmEntry } from '#src/contract/crm.ts'
import type { ProviderEntry } from '#src/contract/provider.ts'
import { espocrm } from './espocrm/index.ts'
import { greenapi } from './greenapi/index.ts'
import { resend } from './resend/index.ts'
import { sendgrid } from './sendgrid/index.ts'
import { smtp } from './smtp/index.ts'
import { twilio } from './twilio/index.ts'

/** Every provider there is; where several are on for a channel, the first here is its first choice. */
export const providerEntries: readonly ProviderEntry[] = [
  // Email.
  smtp,
  sendgrid,
  resend,
  // WhatsApp and SMS.
  twilio,
  greenapi,
]

/** Every CRM there is; the first that is on is told. */
export const crmEntries: readonly CrmEntry[] = [espocrm]
