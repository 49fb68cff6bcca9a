import { timingSafeEqual } from 'node:crypto'

/** A secret's values for rotation: comma-separated, the current one first. */
export function secrets(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Whether two byte strings are the same, in a time that tells nothing about where they differ. */
export function sameBytes(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
