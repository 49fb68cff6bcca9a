import { z } from 'zod'
import { phpQuery } from './php-query.ts'
import { badRequest, forbidden } from './refusal.ts'

const most = 200

const text = z.string().nullish()
const shape = z.object({
  where: z.array(z.unknown(), 'where should be array.').nullish(),
  select: z.array(z.string('select has non-string item.'), 'select should be array.').nullish(),
  orderBy: z.string('orderBy should be string.').nullish(),
  order: z
    .string('order should be string.')
    .refine((order) => /^(asc|desc)$/i.test(order), 'order value is bad.')
    .nullish(),
  offset: z.int('offset should be int.').nullish(),
  maxSize: z.int('maxSize must be integer.').nullish(),
  primaryFilter: text,
  textFilter: text,
  q: text,
  boolFilterList: z.array(z.unknown()).nullish(),
})

export interface Search {
  where: readonly unknown[]
  select: readonly string[] | undefined
  orderBy: string | undefined
  order: 'asc' | 'desc' | undefined
  offset: number
  maxSize: number
  primaryFilter: string | undefined
}

/** What a list is asked for, by `searchParams` (JSON) or parameter by parameter. Throws 400, and 403 above 200 records. */
export function searchOf(url: string): Search {
  const query = phpQuery(url)
  const read = shape.safeParse('searchParams' in query ? jsonOf(query.searchParams) : single(query))
  if (!read.success) throw badRequest(read.error.issues[0]?.message ?? 'Bad search params.')
  const { where, select, orderBy, order, offset, maxSize, primaryFilter, textFilter, q, boolFilterList } =
    read.data
  if (textFilter || q || boolFilterList?.length)
    throw badRequest('The sandbox has no textFilter, q and boolFilterList.')
  if ((maxSize ?? 0) > most) throw forbidden(`Max size should not exceed ${most}. Use offset and limit.`)
  return {
    where: where ?? [],
    select: select?.length ? select : undefined,
    orderBy: orderBy ?? undefined,
    order: order ? (order.toLowerCase() === 'asc' ? 'asc' : 'desc') : undefined,
    offset: offset ?? 0,
    maxSize: maxSize ?? most,
    primaryFilter: primaryFilter ?? undefined,
  }
}

function jsonOf(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    throw badRequest('Invalid search params JSON.')
  }
}

function single(query: Readonly<Record<string, unknown>>): unknown {
  const { whereGroup, where = [], attributeSelect, select = '', offset, maxSize, ...rest } = query
  const items = whereGroup ?? where
  const attributes = String(attributeSelect ?? select)
  return {
    ...rest,
    // What is not a list is passed over here, in JSON it is refused.
    where: Array.isArray(items) ? items : undefined,
    select: attributes === '' ? undefined : attributes.split(','),
    offset: numberOf(offset),
    maxSize: numberOf(maxSize),
  }
}

function numberOf(value: unknown): number | undefined {
  return value === undefined || value === '' ? undefined : Number.parseInt(String(value), 10) || 0
}
