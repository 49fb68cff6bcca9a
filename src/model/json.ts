import { createHash } from 'node:crypto'

/** A JSON value, as the database takes and gives it; a property that is undefined is not written. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined }

/** The same as we write it: what is attached may be the bytes of its text (`Attached`). */
export type Written = Json | Uint8Array | Written[] | { [key: string]: Written | undefined }

/** Nothing honest is nested deeper. */
export const deepest = 100

/**
 * Whether a JSON value is nested deeper than anything honest: beyond some thousands of levels JSON.stringify and jsonb
 * give up. It goes no deeper itself, so that a hostile depth cannot end in a stack overflow of ours.
 */
export function tooDeep(value: unknown, depth = 0): boolean {
  if (depth > deepest) return true
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false
  return Object.values(value).some((entry) => tooDeep(entry, depth + 1))
}

/** What JSON would make of a value, without a copy of its texts, which may be large. */
export function asJson(value: unknown): Written {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, field]) => (field === undefined ? [] : [[key, asJson(field)]])),
    )
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return null
}

/** An id for an item that brings none: the same content has the same. Never throws, whatever a stranger sent. */
export function contentId(value: unknown): string {
  return tooDeep(value)
    ? 'too-deep'
    : `sha256:${createHash('sha256')
        .update(JSON.stringify(value) ?? 'null')
        .digest('hex')}`
}
