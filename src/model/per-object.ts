/**
 * The same function, which does not look again at the object that it looked at last. It keeps no other: a WeakMap made each
 * webhook's collection of garbage dearer than what it spared.
 */
export function perObject<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  let last: { key: Key; value: Value } | undefined
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) }
    return last.value
  }
}
