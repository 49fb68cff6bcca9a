/** The same function, which looks at each object once: what it gave is kept for as long as the object is. */
export function perObject<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, { value: Value }>()
  return (key) => {
    const entry = made.get(key)
    if (entry) return entry.value
    const value = make(key)
    made.set(key, { value })
    return value
  }
}
