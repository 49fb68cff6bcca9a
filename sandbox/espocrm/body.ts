import type { Request } from 'express'
import type { Attributes } from './books.ts'
import { badRequest, EspoRefusal } from './refusal.ts'

/**
 * A request's body as EspoCRM reads it: JSON only where `Content-Type` says so, else it is as if there were none. A list
 * becomes an object in which nothing is known.
 */
export function bodyOf(request: Request): Attributes {
  const text: unknown = request.body
  const type = request.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (typeof text !== 'string' || text === '') return {}
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text))
  if (type !== 'application/json') return {}
  const json = parsed(text)
  if (Array.isArray(json)) return { list: json }
  if (typeof json === 'object' && json !== null) return { ...json }
  throw badRequest('Body is not a JSON object.')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new EspoRefusal(500, '')
  }
}
