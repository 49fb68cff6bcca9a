import { timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import { credentials } from '../credentials.ts'
import type { Books } from './books.ts'
import { badRequest, banned, EspoRefusal } from './refusal.ts'

const most = 10
const periodMs = 60_000

/**
 * Lets in a caller with the API key. Throws 401 else, and 403 for everybody at an address from which more than ten keys were
 * refused within a minute, without a reason (since 8.4); one who shows none at all is not counted.
 */
export function login(books: Books, request: Request): void {
  const address = request.socket.remoteAddress ?? ''
  const espo = request.get('espo-authorization')
  const key = request.get('x-api-key')
  const others = request.get('x-hmac-authorization') ?? request.get('authorization')
  if (espo !== undefined && !Buffer.from(espo, 'base64').toString().includes(':'))
    throw badRequest('Auth: Bad authorization string provided.')
  if (espo === undefined && key === undefined && others === undefined) throw new EspoRefusal(401, '')
  const now = books.now().getTime()
  const denied = (books.denied.get(address) ?? []).filter((at) => at > now - periodMs)
  if (denied.length > most) throw banned()
  // With this header a key is not even looked at.
  if (espo === undefined && isOurs(key)) return
  books.denied.set(address, [...denied, now])
  throw new EspoRefusal(401, '')
}

function isOurs(key: string | undefined): boolean {
  const [given, wanted] = [Buffer.from(key ?? ''), Buffer.from(credentials.espocrm.apiKey)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
