/**
 * D8: maps, sets and objects that show what they hold in another order each time they are asked. The language promises the order of
 * insertion; rules that rely on it say something else on a runtime, or in a translation, where it is another.
 */

type Items = () => Iterable<unknown>

/** Runs with everything shuffled, by a seed that tells the orders. */
export const withShuffledOrder = <Result>(seed: number, run: () => Result): Result => {
  const random = randomFrom(seed)
  const undo = [
    ...['keys', 'values', 'entries', Symbol.iterator].flatMap((name) => [
      replace(Map.prototype, name, (items) => shuffled([...items()], random)[Symbol.iterator]()),
      replace(Set.prototype, name, (items) => shuffled([...items()], random)[Symbol.iterator]()),
    ]),
    ...['keys', 'values', 'entries'].map((name) =>
      replace(Object, name, (items) => shuffled([...items()], random)),
    ),
  ]
  try {
    return run()
  } finally {
    for (const one of undo) one()
  }
}

/** Puts another function in the place of one, which it is handed. Returns what puts it back. */
const replace = (
  owner: object,
  name: string | symbol,
  make: (items: Items) => unknown,
): (() => void) => {
  const was: unknown = Reflect.get(owner, name)
  if (typeof was !== 'function') throw new Error(`there is no ${String(name)}`)
  const made = function (this: unknown, ...given: readonly unknown[]): unknown {
    return make(() => Reflect.apply(was, this, given) as Iterable<unknown>)
  }
  Object.defineProperty(owner, name, { value: made, configurable: true, writable: true })
  return () => {
    Object.defineProperty(owner, name, { value: was, configurable: true, writable: true })
  }
}

const shuffled = (items: unknown[], random: (below: number) => number): unknown[] => {
  for (let at = items.length - 1; at > 0; at--) {
    const other = random(at + 1)
    const kept = items[at]
    items[at] = items[other]
    items[other] = kept
  }
  return items
}

const randomFrom = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A text of a value in which no order is left: what was shuffled comes out in another one where nobody cares. */
export const unordered = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(unordered).sort().join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  const members = Object.entries(value).filter(([, one]) => one !== undefined)
  return `{${members
    .map(([name, one]) => `${JSON.stringify(name)}:${unordered(one)}`)
    .sort()
    .join()}}`
}
