/**
 * Requests that MOI's client sent, changed at random: in their text, in their values, and in the bytes that they carry. The same
 * seed gives the same requests, so a failure can be run again by its number.
 */
export type Random = {
  /** Below a bound. */
  readonly below: (bound: number) => number
  readonly pick: <T>(of: readonly T[]) => T
}

/** xorshift32: poor, and quick, and always the same. */
export const createRandom = (seed: number): Random => {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1
  const next = (): number => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
  const below = (bound: number): number => next() % bound
  return {
    below,
    pick: (of) => of[below(of.length)] as (typeof of)[number],
  }
}

/** One change of a request's text, or of several. */
export const mutated = (random: Random, corpus: readonly string[]): string => {
  const text = random.pick(corpus)
  switch (random.below(4)) {
    case 0:
      return inText(random, text, corpus)
    case 1:
      return inValues(random, text)
    case 2:
      return inHex(random, text, 1)
    default:
      return inHex(random, inValues(random, text), 1 + random.below(8))
  }
}

const GARBAGE = ['"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '\ud800', '9', 'e9', '-', ' ']

const inText = (random: Random, text: string, corpus: readonly string[]): string => {
  const at = random.below(text.length)
  const end = at + random.below(Math.min(64, text.length - at))
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + text.slice(end)
    case 2:
      return text.slice(0, end) + text.slice(at)
    case 3:
      return text.slice(0, at) + random.pick(GARBAGE) + text.slice(at + random.below(2))
    case 4:
      return text.slice(0, at) + random.pick(corpus).slice(random.below(64))
    default: {
      const code = text.charCodeAt(at) ^ (1 << random.below(8))
      return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1)
    }
  }
}

const ID = `0x00000000${'5a'.repeat(24)}00000000`
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 1,
  '',
  '0x',
  '0x0',
  `0x${'f'.repeat(16)}`,
  `0x1${'0'.repeat(16)}`,
  `0x${'f'.repeat(64)}`,
  `0x1${'0'.repeat(64)}`,
  `0x${'f'.repeat(65)}`,
  `-0x1`,
  ID,
  ID.slice(2),
  ID.toUpperCase(),
  `0xff${'00'.repeat(31)}`,
  `0x108000004cd973c4eb83cdb8870c0de209736270491b7acc99873da100000000`,
  `0x20800000a6ba9853f131679d00da0f033516a2efe9cd53c3d54e1f9a00000000`,
  'x'.repeat(70_000),
  '__proto__',
  'constructor',
  '\u202e\u0000',
  [],
  {},
  [[[[[[[[[[[]]]]]]]]]]],
  { tesseract_number: -1 },
  { tesseract_number: 4_294_967_296 },
  { tesseract_hash: ID },
  { tesseract_number: 0, tesseract_hash: ID },
]

/** Every place of a JSON value: what holds it, and under which name. */
const placesIn = (value: unknown): readonly (readonly [object, string])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [[value, name] as const, ...placesIn(inner)])

const inValues = (random: Random, text: string): string => {
  const json: unknown = JSON.parse(text)
  const places = placesIn(json)
  const [holder, name] = random.pick(places)
  const other = random.pick(places)
  switch (random.below(5)) {
    case 0:
      Reflect.deleteProperty(holder, name)
      break
    case 1:
      Reflect.set(
        holder,
        random.pick(['id', 'options', '__proto__', 'toString', 'x']),
        random.pick(VALUES),
      )
      break
    case 2:
      Reflect.set(holder, name, structuredClone(Reflect.get(other[0], other[1])))
      break
    default:
      Reflect.set(holder, name, random.pick(VALUES))
  }
  return JSON.stringify(json)
}

/** Changes bytes of the longest hexadecimal texts: interactions, signatures and payloads. */
const inHex = (random: Random, text: string, count: number): string => {
  const runs = [...text.matchAll(/[0-9a-f]{32,}/gi)]
  if (runs.length === 0) return text
  const run = random.pick(runs)
  const bytes = Buffer.from(run[0].slice(0, run[0].length & ~1), 'hex')
  const changed = changeBytes(random, bytes, count).toString('hex')
  return text.slice(0, run.index) + changed + text.slice(run.index + run[0].length)
}

export const changeBytes = (random: Random, of: Uint8Array, count: number): Buffer => {
  let bytes = Buffer.from(of)
  for (let change = 0; change < count; change += 1) {
    const at = random.below(bytes.length || 1)
    const end = at + random.below(16)
    switch (random.below(6)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
        break
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
        break
      case 2:
        bytes[at] = random.pick([0, 1, 0x0d, 0x0e, 0x0f, 0x7f, 0x80, 0xff])
        break
      default:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    }
  }
  return bytes
}
