import type { CrmRecord, CrmTools } from '#src/contract/crm.ts'
import type { EspoApi } from './api.ts'

/** What every part of this provider works with. */
export interface Espo extends Pick<CrmTools, 'country' | 'sentences' | 'timeZone' | 'now' | 'clock'> {
  api: EspoApi
  /** Says what the CRM did otherwise than it was asked; one line with its remedy. */
  report: CrmTools['found']
  /** The user and team that every record of ours belongs to: empty where nothing is configured. */
  owner: { assignedUserId?: string; teamsIds?: string[] }
}

const type = /^[A-Z][A-Za-z0-9]{0,99}$/
/** EspoCRM's own pattern (`app/regExpPatterns`, `id`); dots alone would be another path. */
const id = /^(?!\.+$)[A-Za-z0-9_=.-]{1,64}$/

/** Whether these can be the type and id of a record: both may come from a caller, or from a customer's button. */
export function isRecord(record: CrmRecord | undefined): record is CrmRecord {
  return record !== undefined && type.test(record.type) && id.test(record.id)
}

export function pathOf({ type, id }: CrmRecord): string {
  return `${type}/${encodeURIComponent(id)}`
}

/** Whether it can be the parent of an email or a task. */
export function canBeParent(record: CrmRecord | undefined): record is CrmRecord {
  return isRecord(record) && isParentType(record.type)
}

/** What Email and Task take as their parent; a type of the installation's own (its prefix is C) where it was added there. */
export function isParentType(type: string): boolean {
  return /^(?:Account|Lead|Contact|Opportunity|Case)$/.test(type) || isOwnType(type)
}

export function isOwnType(type: string): boolean {
  return /^C[A-Z]/.test(type)
}
