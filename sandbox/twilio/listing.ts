import type { Request } from 'express'
import { credentials } from '../credentials.ts'
import { resource, type TwilioBooks, type TwilioRecord } from './record.ts'

/** The list of messages, newest first, by `To`, `From` and `DateSent` (also `DateSent>` and `DateSent<`). */
export function listing(books: TwilioBooks, request: Request) {
  const query = new URL(request.originalUrl, 'http://sandbox').searchParams
  const size = between(Number(query.get('PageSize') ?? 50), 1, 1_000)
  const page = between(Number(query.get('Page') ?? 0), 0, 100_000)
  const found = books.records
    .values()
    .reverse()
    .filter((record) => matches(record, query))
  const start = page * size
  const shown = found.slice(start, start + size)
  const uri = (number: number) => {
    const next = new URLSearchParams(query)
    next.set('PageSize', String(size))
    next.set('Page', String(number))
    return `/2010-04-01/Accounts/${credentials.twilio.accountSid}/Messages.json?${next}`
  }
  return {
    messages: shown.map(resource),
    page,
    page_size: size,
    start,
    end: Math.max(start, start + shown.length - 1),
    uri: uri(page),
    first_page_uri: uri(0),
    previous_page_uri: page > 0 ? uri(page - 1) : null,
    next_page_uri: found.length > start + size ? uri(page + 1) : null,
  }
}

function between(value: number, least: number, most: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(Math.trunc(value), least), most) : least
}

function matches(record: TwilioRecord, query: URLSearchParams): boolean {
  const to = query.get('To')
  const from = query.get('From')
  if ((to && to !== record.to) || (from && from !== record.from)) return false
  // A message that was never sent has no DateSent; Twilio then goes by its creation.
  const at = (record.sentAt ?? record.createdAt).toISOString()
  const day = query.get('DateSent')
  const after = query.get('DateSent>')
  const before = query.get('DateSent<')
  if (day && at.slice(0, 10) !== day.slice(0, 10)) return false
  if (after && at < instant(after, '00:00:00.000')) return false
  return !(before && at > instant(before, '23:59:59.999'))
}

/** A day or a moment as a comparable ISO time. */
function instant(text: string, clock: string): string {
  const date = new Date(text.length === 10 ? `${text}T${clock}Z` : text)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString()
}
