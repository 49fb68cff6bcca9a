import { AppError } from '#src/model/errors.ts'
import { invalid } from './params.ts'

/** What a token lets its bearer see. */
export interface Access {
  /** The only tenant it may name; undefined: every one. */
  tenantId: string | undefined
  ops: boolean
  /** Who holds it, as its claim `sub` says; undefined: it names nobody. */
  bearer?: string | undefined
}

/** The tenant whose rows a request may see; undefined: every one's. Throws AppError 403 where another is named. */
export function visibleTenant(access: Access, named: string | undefined): string | undefined {
  if (access.tenantId !== undefined && named !== undefined && named !== access.tenantId)
    throw new AppError('forbidden', 403, 'tenantId: not the tenant of this token')
  return access.tenantId ?? named
}

/** The tenant a request acts for. Throws AppError: 403 for another's, 400 where neither token nor request names one. */
export function tenantFor(access: Access, named: string | undefined): string {
  const tenant = visibleTenant(access, named)
  if (tenant === undefined)
    throw invalid([{ path: 'tenantId', message: 'is required (name it, or use a token that has one)' }])
  return tenant
}
