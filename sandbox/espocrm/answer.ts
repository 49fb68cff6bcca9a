import type { Response } from 'express'
import { because, conclude } from '../door.ts'
import type { World } from '../world.ts'
import type { Books } from './books.ts'
import type { EspoRefusal } from './refusal.ts'

/** Answers a write that is done, or leaves it unanswered where the control wants that. */
export function written(world: World, books: Books, response: Response, what: string, answer: unknown): void {
  world.log({ event: 'record_written', provider: 'espocrm', text: what })
  const { unanswered } = books
  const count = (unanswered?.count ?? 0) - 1
  books.unanswered = unanswered && count > 0 ? { ...unanswered, count } : undefined
  conclude(world, response, unanswered?.kind ?? 'ok', () => void response.json(answer))
}

/** EspoCRM's "no": the reason in a header, of which what no header can hold is left out. */
export function refuse(response: Response, { status, message, body, silent }: EspoRefusal): void {
  because(response, message)
  // A refused key, a ban and PHP's own failures have no reason; all else has one, if only an empty one.
  const hasReason = !silent && status !== 401 && (status !== 500 || message !== '')
  if (hasReason) response.set('x-status-reason', message.replaceAll(/[^ \t\x21-\x7e\x80-\xff]/g, ' '))
  response.status(status)
  if (body === undefined) response.end()
  else response.json(body)
}
