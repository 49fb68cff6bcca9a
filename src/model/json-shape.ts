import { deepest } from './json.ts'

/**
 * Values and keys that a JSON text may have: the largest metadata has half of that. To read some millions of them, and to say of
 * each that it is not known, takes half a minute.
 */
const mostParts = 20_000

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Looks at a JSON text as its bytes come, before it is parsed. Gives what is wrong with it as far as it has come, for whoever
 * sent it; undefined: nothing yet. Whether it is JSON at all is not looked at.
 */
export function createJsonShape(): (bytes: Buffer) => string | undefined {
  let depth = 0
  let parts = 0
  let inString = false
  let escaped = false

  /** Where the text goes on after what is in a string, from `at`. */
  function afterString(bytes: Buffer, at: number): number {
    for (let index = at; index < bytes.length; index++) {
      const byte = bytes[index]
      if (escaped) escaped = false
      else if (byte === backslash) escaped = true
      else if (byte === quote) {
        inString = false
        return index + 1
      }
    }
    return bytes.length
  }

  /** Where a string begins, or the bytes end, from `at`. */
  function untilString(bytes: Buffer, at: number): number {
    for (let index = at; index < bytes.length; index++) {
      const byte = bytes[index]
      if (byte === quote) {
        inString = true
        return index + 1
      }
      if (byte === comma || byte === colon) parts += 1
      else if (byte === openList || byte === openObject) depth += 1
      else if (byte === closeList || byte === closeObject) depth -= 1
      if (depth > deepest || parts > mostParts) return bytes.length
    }
    return bytes.length
  }

  return (bytes) => {
    for (let at = 0; at < bytes.length; ) at = inString ? afterString(bytes, at) : untilString(bytes, at)
    if (depth > deepest) return 'is nested too deep'
    return parts > mostParts ? 'has too many keys and values' : undefined
  }
}
