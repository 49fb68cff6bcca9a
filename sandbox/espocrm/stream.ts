import { all, type Books, find } from './books.ts'
import { isEntity } from './entities.ts'
import { type Listing, pageOf } from './list.ts'
import { forbidden, notFound } from './refusal.ts'
import { may } from './role.ts'
import type { Search } from './search.ts'
import { whereOf } from './where.ts'

/** The posts about a record, the newest first, in whatever order a search wants them. */
export function streamOf(books: Books, entity: string, id: string, search: Search): Listing {
  if (!isEntity(entity) || find(books, entity, id) === undefined) throw notFound('Record not found.')
  if (!may(books.switches, entity, 'stream')) throw forbidden('No stream access.')
  const matches = whereOf(books, 'Note', search.where)
  const found = all(books, 'Note').filter(
    (note) => note.attributes.parentType === entity && note.attributes.parentId === id && matches(note),
  )
  const { orderBy, order, ...rest } = search
  return pageOf(books, 'Note', found, { ...rest, orderBy: undefined, order: undefined }, true)
}
