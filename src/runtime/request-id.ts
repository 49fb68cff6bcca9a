import { randomUUID } from 'node:crypto'

const sane = /^[A-Za-z0-9._:-]{1,100}$/

/** The caller's own X-Request-Id if it is sane, else a new uuid. */
export function requestId(header: string | undefined): string {
  return header !== undefined && sane.test(header) ? header : randomUUID()
}
