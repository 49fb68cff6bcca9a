import { timingSafeEqual } from 'node:crypto'
import { listed } from './variables.ts'

/** A secret's values for rotation: comma-separated, the current one first. */
export function secrets(value: string | undefined): string[] {
  return listed(value)
}

/** Whether two byte strings are the same, in a time that tells nothing about where they differ. */
export function sameBytes(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
