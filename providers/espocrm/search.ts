import { z } from 'zod'
import { ProviderError } from '#src/errors.ts'
import { unreadable } from '#src/http.ts'
import type { EspoApi } from './api.ts'

/** A condition: https://docs.espocrm.com/development/api-search-params/ */
export type Where =
  | { type: 'equals' | 'contains' | 'greaterThan'; attribute: string; value: string }
  | { type: 'linkedWith'; attribute: string; value: readonly string[] }
  | { type: 'or' | 'and'; value: readonly Where[] }

export interface Search {
  where: readonly Where[]
  select?: readonly string[]
  orderBy?: string
  order?: 'asc' | 'desc'
  /** At most 200: EspoCRM answers 403 to more. */
  maxSize: number
}

const answer = z.object({ list: z.array(z.unknown()) })

/** A search as one parameter: a plus in a phone number stays one only when it is encoded. */
export function searched(search: Search): string {
  return encodeURIComponent(JSON.stringify(search))
}

/**
 * The records that were found, in the order of the search; what has not the shape is left out. Throws a permanent
 * ProviderError where that of which they are part is not there.
 */
export async function list<T>(api: EspoApi, path: string, search: Search, shape: z.ZodType<T>): Promise<T[]> {
  const found = await api.read(path, search)
  if (found === undefined)
    throw new ProviderError('espocrm', 'permanent', `espocrm: there is no ${withoutId(path)}`, {
      providerCode: '404',
    })
  const { data } = answer.safeParse(found)
  if (data === undefined) throw unreadable('espocrm')
  return data.list.flatMap((item) => {
    const read = shape.safeParse(item)
    return read.success ? [read.data] : []
  })
}

export function equals(attribute: string, value: string): Where {
  return { type: 'equals', attribute, value }
}

function withoutId(path: string): string {
  const [entity = '', id] = path.split('/')
  return id === undefined ? entity : `${entity} with such an id`
}
