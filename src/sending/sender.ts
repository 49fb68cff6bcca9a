import { type Provider, senderOf } from '#src/contract/provider.ts'
import { addressOf } from '#src/model/mailbox.ts'
import type { OutgoingMessage } from '#src/model/message.ts'

/** One word for all that goes out from one address of ours on one channel by this provider. */
export function senderWord(provider: Provider, message: OutgoingMessage): string {
  const sender = senderOf(provider, message) ?? ''
  return `${message.channel} ${(addressOf(sender) ?? sender).toLowerCase()}`
}

/** Whether its caller said from whom it goes out: then its caller can mend that. */
export function namesItsSender(message: OutgoingMessage): boolean {
  return message.channel === 'email' && message.from !== undefined
}
