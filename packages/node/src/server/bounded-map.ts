/** A map that never grows beyond a size: the key that was set longest ago makes room. */
export const setBounded = <Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  value: Value,
  sizeMax: number,
): void => {
  map.delete(key)
  map.set(key, value)
  if (map.size <= sizeMax) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
