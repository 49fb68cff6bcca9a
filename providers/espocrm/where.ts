/** A condition: https://docs.espocrm.com/development/api-search-params/ */
export type Where =
  | { type: 'equals' | 'startsWith' | 'contains' | 'greaterThan'; attribute: string; value: string }
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

/** A search as one parameter: a plus in a phone number stays one only when it is encoded. */
export function searched(search: Search): string {
  return encodeURIComponent(JSON.stringify(search))
}

export function equals(attribute: string, value: string): Where {
  return { type: 'equals', attribute, value }
}
