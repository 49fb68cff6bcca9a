import type { Provider } from '#src/contract/provider.ts'
import type { OutgoingMessage } from '#src/model/message.ts'

/** What is done with free text outside WhatsApp's window: sent with a warning, or not at all. */
export const windowPolicies = ['warn', 'enforce'] as const
export type WindowPolicy = (typeof windowPolicies)[number]

/**
 * Whether WhatsApp will refuse this message: free text reaches a person only for so long after that person wrote
 * (`heardForMs` ago), an approved template always does. Only a guess: the person may have written to another system before us.
 * https://www.twilio.com/docs/whatsapp/key-concepts
 */
export function outsideWindow(
  provider: Provider,
  message: OutgoingMessage,
  heardForMs: number | undefined,
): boolean {
  if (message.channel !== 'whatsapp' || message.template || provider.freeTextForMs === undefined) return false
  return heardForMs === undefined || heardForMs > provider.freeTextForMs
}
