import { Resolver } from 'node:dns/promises'
import { z } from 'zod'
import type { Provider } from '#src/contract/provider.ts'
import type { Language } from '#src/model/language.ts'
import { addressOf, domainOf } from '#src/model/mailbox.ts'
import { contentFindings, type Email } from './content-findings.ts'
import { dnsAnswersMs, domainFindings, type Resolve } from './domain-findings.ts'
import { type Finding, findingsIn } from './finding.ts'
import type { Found } from './finding-kinds.ts'

export type CheckEmail = ReturnType<typeof createCheck>

/**
 * What a receiver would object to in a mail, before it is sent: in what it says, and in what the DNS says of its sender. Nothing is
 * sent, kept or fetched.
 */
export function createCheck({ resolve = ofNode() }: { resolve?: Resolve | undefined } = {}) {
  /** `provider`: the one that would carry it; undefined: none is on. */
  return async (email: Email, provider: Provider | undefined, language: Language): Promise<Finding[]> => {
    const sender = addressOf(senderOfEmail(email, provider) ?? '')
    const ofSender: Promise<Found[]> | Found[] =
      sender === undefined
        ? [{ id: 'sender_unknown', details: {} }]
        : domainFindings(domainOf(sender), provider === undefined || provider.name === 'smtp', resolve)
    const found = await Promise.all([contentFindings(email), ofSender])
    return findingsIn(found.flat(), language)
  }
}

function senderOfEmail(email: Email, provider: Provider | undefined): string | undefined {
  return email.from ?? provider?.sender?.('email')
}

/** Those of mail servers (MX) are objects, which the types of mailauth do not say. */
const records = z.custom<string[][]>((value) => Array.isArray(value))

function ofNode(): Resolve {
  const resolver = new Resolver({ timeout: dnsAnswersMs / 4, tries: 2 })
  return async (name, type) => records.parse(await resolver.resolve(name, type))
}
