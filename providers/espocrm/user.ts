import { z } from 'zod'
import { unreadable } from '#src/contract/http.ts'
import type { EspoApi } from './api.ts'

/** The API user as `GET App/user` shows it, and what its role allows. */
export interface EspoUser {
  type: string | undefined
  /** `all`, `team`, `own`, `yes`, `no`; a scope without actions is `yes` or `no` for each. */
  level(scope: string, action: string): string
  /** `yes` or `no`. */
  fieldLevel(entity: string, field: string, action: 'read' | 'edit'): string
  permission(name: string): string | undefined
}

const text = z.string().nullish().catch(undefined)
const answer = z.object({
  user: z.object({ type: text }).nullish().catch(undefined),
  acl: z.looseObject({
    table: z.record(z.string(), z.union([z.boolean(), z.record(z.string(), text)]).catch(false)),
    fieldTable: z
      .record(z.string(), z.record(z.string(), z.object({ read: text, edit: text })))
      .nullish()
      .catch(undefined),
  }),
})

/** Throws ProviderError, also where the answer cannot be read. */
export async function userOf(api: EspoApi): Promise<EspoUser> {
  const { data } = answer.safeParse(await api.read('App/user'))
  if (data === undefined) throw unreadable('espocrm')
  const { table, fieldTable } = data.acl
  return {
    type: data.user?.type ?? undefined,
    level(scope, action) {
      const levels = table[scope] ?? false
      return typeof levels === 'boolean' ? (levels ? 'yes' : 'no') : (levels[action] ?? 'no')
    },
    fieldLevel: (entity, field, action) => fieldTable?.[entity]?.[field]?.[action] ?? 'yes',
    permission(name) {
      const level = data.acl[`${name}Permission`]
      return typeof level === 'string' ? level : undefined
    },
  }
}
