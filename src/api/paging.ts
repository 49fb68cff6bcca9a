import { z } from 'zod'
import { invalid, messageId, wholeNumber } from './params.ts'

export const pageSize = wholeNumber(1, 200).default(50)

/** Where the page after these rows begins; null where they are the last. Asked for with one row more than is shown. */
export function nextCursor(
  rows: readonly { created_at: string; id: string }[],
  shown: number,
): string | null {
  const last = rows.length > shown ? rows[shown - 1] : undefined
  return last ? Buffer.from(`${last.created_at} ${last.id}`).toString('base64url') : null
}

/** A time as PostgreSQL writes it in UTC, to the microsecond: what else is ISO 8601 (a year 0, +23:59) it may not read. */
const exactTime = /^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00$/

/** The row that a cursor stands after. Throws AppError 400 where it is none of ours. */
export function positionOf(cursor: string): { createdAt: string; id: string } {
  const [createdAt = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  const usable =
    exactTime.test(createdAt) &&
    z.iso.datetime({ offset: true }).safeParse(createdAt).success &&
    messageId.safeParse(id).success
  if (!usable) throw invalid([{ path: 'cursor', message: 'must be the nextCursor of the page before' }])
  return { createdAt, id }
}

/** The same of people, who are listed by channel and address. */
export function nextPersonCursor(
  rows: readonly { channel: string; address: string }[],
  shown: number,
): string | null {
  const last = rows.length > shown ? rows[shown - 1] : undefined
  return last ? Buffer.from(JSON.stringify([last.channel, last.address])).toString('base64url') : null
}

const person = z.tuple([z.string().max(100), z.string().min(1).max(400)])

/** The person whom a cursor stands after. Throws AppError 400 where it is none of ours. */
export function personPositionOf(cursor: string): { channel: string; address: string } {
  const position = person.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString()))
  const [channel = '', address = ''] = position.data ?? []
  // PostgreSQL keeps no NUL.
  if (!position.success || address.includes('\u0000') || channel.includes('\u0000'))
    throw invalid([{ path: 'cursor', message: 'must be the nextCursor of the page before' }])
  return { channel, address }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
