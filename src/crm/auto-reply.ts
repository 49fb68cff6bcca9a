import type { Appointment } from '#src/contract/crm.ts'
import { AppError, ConfigurationError } from '#src/model/errors.ts'
import { type Locality, localTime } from '#src/model/local-time.ts'
import { textChannels } from '#src/model/message.ts'
import type { Sentences } from '#src/model/sentences/sentences.ts'
import { filled, variablesIn } from '#src/model/template.ts'
import type { Log } from '#src/runtime/log.ts'
import type { Deliver } from '#src/sending/deliver.ts'
import type { JobMessage } from '#src/store/calls/jobs.ts'

/** What is answered to a customer who confirmed or cancelled; undefined: nothing. */
export interface AutoReplies {
  confirm: string | undefined
  cancel: string | undefined
}

/** Answers a customer on the channel and by the provider that the answer came through, once for each message. */
export type AutoReply = (
  answer: 'confirm' | 'cancel',
  message: JobMessage,
  appointment: Appointment,
) => Promise<void>

const variables = ['name', 'date', 'time']

/** Throws ConfigurationError where a text uses a variable that there is not. */
export function checkAutoReply(variable: string, text: string | undefined): string | undefined {
  const unknown = variablesIn(text ?? '').find((name) => !variables.includes(name))
  if (unknown !== undefined)
    throw new ConfigurationError(
      `configuration: ${variable} uses {{${unknown}}} (there are ${variables.map((name) => `{{${name}}}`).join(', ')})`,
    )
  return text
}

/** `sentences` and `timeZone` say how a date and a time are written. */
export function createAutoReply(tools: {
  deliver: Deliver
  texts: AutoReplies
  sentences: Sentences
  timeZone: string
  log: Log
}): AutoReply {
  const { deliver, texts, sentences, timeZone, log } = tools
  const { language, locale } = sentences
  return async (answer, message, appointment) => {
    const text = texts[answer]
    const { tenant_id: tenantId, sender, provider, lead_id: leadId } = message
    const channel = textChannels.find((one) => one === message.channel)
    // A person who was never written to belongs to no tenant: there is nobody in whose name to answer.
    if (text === undefined || tenantId === undefined || sender === undefined || channel === undefined) return
    const key = `auto-reply:${message.id}`
    try {
      await deliver({
        message: {
          channel,
          tenantId,
          to: sender,
          body: filled(text, (name) => valueIn(appointment, name, { locale, timeZone })),
        },
        provider,
        leadId,
        idempotency: { key, requestHash: key },
        language,
        requestId: message.request_id ?? key,
      })
    } catch (error) {
      // Refused for good, such as by somebody who has just said STOP: it is on the timeline.
      if (!(error instanceof AppError) || error.status >= 500) throw error
      log.warn('auto_reply_refused', { messageId: message.id, code: error.code })
    }
  }
}

function valueIn({ name: title, startsAt }: Appointment, name: string, locality: Locality): string {
  return name === 'name' ? title : localTime(startsAt, locality, name === 'date' ? 'date' : 'time')
}
