/** A field as EspoCRM's metadata (`entityDefs`) describes it, as far as anything here depends on it. */
export interface Field {
  readonly type:
    | 'varchar'
    | 'text'
    | 'enum'
    | 'bool'
    | 'int'
    | 'datetime'
    | 'datetimeOptional'
    | 'personName'
    | 'link'
    | 'linkParent'
    | 'linkMultiple'
    | 'phone'
    | 'email'
  readonly required?: true
  readonly readOnly?: true
  readonly readOnlyAfterCreate?: true
  readonly options?: readonly string[]
  readonly default?: unknown
  readonly maxLength?: number
  readonly pattern?: '$noBadCharacters'
  /** Of a `link` or `linkMultiple`: the entity that it leads to. */
  readonly entity?: string
  /** Of a `linkParent`. */
  readonly entityList?: readonly string[]
  /** Of a `linkMultiple`: what it keeps of each link. */
  readonly columns?: { readonly status: 'acceptanceStatus' }
  readonly typeList?: readonly string[]
  readonly defaultType?: string
  readonly isCustom?: true
}

export type Fields = Readonly<Record<string, Field>>

/** The attributes of a field that a client may set. */
export function settable(name: string, { type, columns }: Field): string[] {
  if (type === 'personName') return []
  if (type === 'link') return [`${name}Id`]
  if (type === 'linkParent') return [`${name}Id`, `${name}Type`]
  if (type === 'linkMultiple') return columns ? [`${name}Ids`, `${name}Columns`] : [`${name}Ids`]
  if (type === 'datetimeOptional') return [name, `${name}Date`]
  if (type === 'phone' || type === 'email')
    return [name, `${name}Data`, `${name}IsOptedOut`, `${name}IsInvalid`]
  return [name]
}

/** The attributes of a field that a record shows. */
export function shownAttributes(name: string, field: Field): string[] {
  const own = settable(name, field)
  if (field.type === 'personName') return [name]
  if (field.type === 'link' || field.type === 'linkParent') return [...own, `${name}Name`]
  return field.type === 'linkMultiple' ? [...own, `${name}Names`] : own
}

/** The attributes of a field that a search may name. */
export function searchable(name: string, field: Field): string[] {
  const shown = shownAttributes(name, field)
  return field.type === 'phone' ? [...shown, `${name}Numeric`] : shown
}
