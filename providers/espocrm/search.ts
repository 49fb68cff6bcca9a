import { z } from 'zod'
import { unreadable } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { codeWord, ours, type PublicReason } from '#src/model/public-reason.ts'
import type { EspoApi } from './api.ts'
import type { Search } from './where.ts'

const answer = z.object({ list: z.array(z.unknown()) })

/**
 * The records that were found, in the order of the search; one that has not the shape is left out. Throws a permanent
 * ProviderError where the record is not there whose list it is.
 */
export async function list<T>(api: EspoApi, path: string, search: Search, shape: z.ZodType<T>): Promise<T[]> {
  const found = await api.read(path, search)
  if (found === undefined)
    throw new ProviderError('espocrm', 'permanent', ours`espocrm: there is no ${withoutId(path)}`, {
      providerCode: '404',
    })
  const { data } = answer.safeParse(found)
  if (data === undefined) throw unreadable('espocrm')
  return data.list.flatMap((item) => {
    const read = shape.safeParse(item)
    return read.success ? [read.data] : []
  })
}

function withoutId(path: string): PublicReason {
  const [entity = '', id] = path.split('/')
  return id === undefined ? codeWord(entity) : ours`${codeWord(entity)} with such an id`
}
