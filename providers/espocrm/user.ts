import { z } from 'zod'
import { unreadable } from '#src/contract/http.ts'
import type { EspoApi } from './api.ts'

/** The API user as `GET App/user` shows it, and what its role allows. */
export interface EspoUser {
  type: string | undefined
  /** The teams that it is in; undefined: it does not say. */
  teamsIds: readonly string[] | undefined
  /** `all`, `team`, `own`, `yes`, `no`; a scope without actions is `yes` or `no` for each. */
  level(scope: string, action: string): string
  /** `yes` or `no`. */
  fieldLevel(entity: string, field: string, action: 'read' | 'edit'): string
  permission(name: string): string | undefined
}

const text = z.string().nullish().catch(undefined)
const ids = z.array(z.string()).nullish().catch(undefined)
const answer = z.object({
  user: z.object({ type: text, teamsIds: ids }).nullish().catch(undefined),
  acl: z.looseObject({
    table: z.record(z.string(), z.union([z.boolean(), z.record(z.string(), text)]).catch(false)),
    fieldTable: z
      .record(z.string(), z.record(z.string(), z.object({ read: text, edit: text })))
      .nullish()
      .catch(undefined),
  }),
})

/** Whether it sees the records that are given to this team; undefined: it does not say in which teams it is. */
export function isInTeam({ teamsIds }: EspoUser, team: string | undefined): boolean | undefined {
  return team === undefined ? false : teamsIds?.includes(team)
}

/** Throws ProviderError, also where the answer cannot be read. */
export async function userOf(api: EspoApi): Promise<EspoUser> {
  const { data } = answer.safeParse(await api.read('App/user'))
  if (data === undefined) throw unreadable('espocrm')
  const { table, fieldTable } = data.acl
  return {
    type: data.user?.type ?? undefined,
    teamsIds: data.user?.teamsIds ?? undefined,
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
