import { z } from 'zod'
import { type CrmRecord, type DeliveryFacts, isFailure, type TracedMessage } from '#src/contract/crm.ts'
import { ProviderError } from '#src/model/errors.ts'
import { addressOf } from '#src/model/mailbox.ts'
import type { Attributes } from './api.ts'
import { espoTime } from './clock.ts'
import { deliveryWords } from './delivery-words.ts'
import { canBeParent, type Espo, isOwnType } from './espo.ts'
import type { MessageIdField } from './message-id-field.ts'
import { list } from './search.ts'
import { equals } from './where.ts'
import { notTaken } from './written.ts'

const field = z.string().nullish().catch(undefined)
const emailRecord = z.object({
  id: z.string().min(1),
  cDeliveryStatus: field,
  cDeliveredAt: field,
  cOpenedAt: field,
  cBounceReason: field,
})
type EmailRecord = z.infer<typeof emailRecord>

/** EspoCRM's varchar. */
const longestName = 255
const longestReason = 2_000

/** Emails as records of their own, found again by `cMessageId`. */
export interface EmailRecords {
  /** The email's record, written where there is none; undefined: it cannot be a record. */
  ensure(message: TracedMessage): Promise<EmailRecord | undefined>
  /** Writes what became of it; gives whether the CRM has it now. */
  update(record: EmailRecord, facts: DeliveryFacts): Promise<boolean>
}

export function emailRecords(espo: Espo, key: MessageIdField): EmailRecords {
  const { api, report } = espo

  /** `unfindable`: EspoCRM knows no `cMessageId`, or does not let us see it. */
  async function find(messageId: string): Promise<EmailRecord | 'unfindable' | undefined> {
    const search = {
      where: [equals('cMessageId', messageId)],
      select: Object.keys(emailRecord.shape),
      orderBy: 'createdAt',
      order: 'asc' as const,
      maxSize: 1,
    }
    try {
      return (await list(api, 'Email', search, emailRecord))[0]
    } catch (error) {
      if (isAboutField(error)) return 'unfindable'
      throw error
    }
  }

  function create(message: TracedMessage, from: string): Promise<EmailRecord> {
    return withParent(parentsOf(message), async (parent) => {
      const attributes = { ...attributesOf(espo, message, from), ...parent, ...espo.owner }
      const answer = await api.write('POST', 'Email', attributes)
      if (notTaken('Email', attributes, answer, report).includes('cMessageId')) key.dropped()
      return emailRecord.parse(answer)
    })
  }

  return {
    async ensure(message) {
      const from = message.from && (addressOf(message.from) ?? message.from)
      if (!from || !(await key.usable())) return undefined
      const there = await find(message.id)
      if (there !== undefined && there !== 'unfindable') return there
      if (there === undefined) {
        const written = await create(message, from)
        await key.proven(async () => (await find(message.id)) !== undefined)
        return written
      }
      key.missing()
      return undefined
    },
    async update(record, facts) {
      const fields = factsOf(facts)
      const changed = Object.entries(fields).filter(([name, value]) => !isSame(record, name, value))
      if (changed.length === 0) return true
      const attributes = Object.fromEntries(changed)
      const answer = await api.write('PUT', `Email/${encodeURIComponent(record.id)}`, attributes)
      return !notTaken('Email', attributes, answer, report).includes('cDeliveryStatus')
    },
  }
}

/**
 * Archived, and not Sent: of a Sent email EspoCRM reverts every later change but those of fields marked as custom;
 * an Archived one shows in the history panel just the same. That it went out is said by `cDeliveryStatus`.
 */
function attributesOf({ sentences }: Espo, message: TracedMessage, from: string): Attributes {
  const { id, direction, to, subject, html, text, at } = message
  return {
    name: subject?.trim().slice(0, longestName).toWellFormed() || sentences.noSubject,
    from,
    to: addressOf(to) ?? to,
    body: html ?? text ?? '',
    isHtml: html !== undefined,
    status: 'Archived',
    // Has no default there: without it the record shows no date and sorts last.
    dateSent: espoTime(at),
    cMessageId: id,
    ...(direction === 'outbound' && { cDeliveryStatus: deliveryWords.sent }),
  }
}

function factsOf({ status, deliveredAt, openedAt, reason }: DeliveryFacts): Record<string, string | null> {
  return {
    cDeliveryStatus: deliveryWords[status],
    ...(deliveredAt && { cDeliveredAt: espoTime(deliveredAt) }),
    ...(openedAt && { cOpenedAt: espoTime(openedAt) }),
    ...(reason && { cBounceReason: reason.slice(0, longestReason).toWellFormed() }),
    // A failure may be taken back, as by a replay: then its reason does not count any more.
    ...(!isFailure(status) && { cBounceReason: null }),
  }
}

function isSame(record: EmailRecord, name: string, value: string | null): boolean {
  const has = new Map(Object.entries(record)).get(name)
  return (has || null) === value
}

/** What it is about, else the person it is with. What cannot be the parent of an email (a meeting) is passed over. */
function parentsOf({ parent, person }: TracedMessage): CrmRecord[] {
  return [parent, person].filter(canBeParent)
}

/** Tries the next parent, in the end none, where that record is gone or EspoCRM does not take its type. */
async function withParent<T>(
  [parent, ...others]: readonly CrmRecord[],
  write: (parent: Attributes) => Promise<T>,
): Promise<T> {
  if (parent === undefined) return write({})
  try {
    return await write({ parentType: parent.type, parentId: parent.id })
  } catch (error) {
    if (!isAboutParent(error, parent)) throw error
    return withParent(others, write)
  }
}

function isAboutParent(error: unknown, { type }: CrmRecord): boolean {
  if (hasCode(error, '400')) return isOwnType(type)
  return hasCode(error, '403') && error.certainty === 'permanent'
}

function isAboutField(error: unknown): boolean {
  if (hasCode(error, '400')) return true
  return hasCode(error, '403') && error.message.includes('cMessageId')
}

function hasCode(error: unknown, code: string): error is ProviderError {
  return error instanceof ProviderError && error.providerCode === code
}
