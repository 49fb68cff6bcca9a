import { z } from 'zod'

const party = z.object({ email: z.string(), name: z.string().nullish() })
const args = z.record(z.string(), z.unknown())

/** The body of POST /v3/mail/send, as loose as the JSON may be; `complaints` is as strict as SendGrid. */
export const mail = z.object({
  personalizations: z
    .array(
      z.object({
        to: z.array(party),
        cc: z.array(party).nullish(),
        bcc: z.array(party).nullish(),
        subject: z.string().nullish(),
        headers: z.record(z.string(), z.string()).nullish(),
        custom_args: args.nullish(),
      }),
    )
    .nullish(),
  from: party.nullish(),
  reply_to: party.nullish(),
  subject: z.string().nullish(),
  content: z.array(z.object({ type: z.string(), value: z.string() })).nullish(),
  attachments: z
    .array(z.object({ content: z.string(), filename: z.string(), type: z.string().nullish() }))
    .nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  categories: z.array(z.string()).nullish(),
  custom_args: args.nullish(),
  template_id: z.string().nullish(),
  tracking_settings: z
    .object({
      open_tracking: z.object({ enable: z.boolean().nullish() }).nullish(),
      click_tracking: z.object({ enable: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
  mail_settings: z.object({ sandbox_mode: z.object({ enable: z.boolean().nullish() }).nullish() }).nullish(),
})
export type Mail = z.infer<typeof mail>
export type Personalization = NonNullable<Mail['personalizations']>[number]

/** Everybody that a personalization goes to. */
export function recipients({ to, cc, bcc }: Personalization): string[] {
  return [...to, ...(cc ?? []), ...(bcc ?? [])].map(({ email }) => email)
}

/** The custom args of one personalization: the message's own under them. */
export function customArgs(order: Mail, personalization: Personalization): Record<string, string> {
  const merged = { ...order.custom_args, ...personalization.custom_args }
  return Object.fromEntries(Object.entries(merged).map(([name, value]) => [name, String(value)]))
}
