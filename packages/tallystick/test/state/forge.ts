/**
 * A builder that obeys nothing but the hash definitions: it makes trees of any shape and the proofs that a liar
 * would show for them, and it computes honest roots by its own reading of docs/spec/state.md.
 */
import { blake3 } from '@noble/hashes/blake3.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { bytesFromId, idFromHex, type StateRoot } from '../../src/base/brand.ts'
import { bytesFromUtf8, concatBytes, hexFromBytes } from '../../src/base/bytes.ts'
import type { StateKey } from '../../src/state/keys.ts'
import type { Proof, Terminal } from '../../src/state/proof.ts'

export type TestSuite = 'quantum' | 'nostr' | 'evm'
export const TEST_SUITES: readonly TestSuite[] = ['quantum', 'nostr', 'evm']

const underTag = (suite: TestSuite, name: string, bytes: Uint8Array): Uint8Array => {
  const tag = bytesFromUtf8(`tallystick/1 ${name}`)
  if (suite === 'quantum') return blake3(bytes, { context: tag })
  if (suite === 'nostr') return sha256(concatBytes(sha256(tag), sha256(tag), bytes))
  return keccak_256(concatBytes(keccak_256(tag), bytes))
}

export const ZERO: Uint8Array = new Uint8Array(32)

export const valueHash = (suite: TestSuite, value: Uint8Array): Uint8Array =>
  underTag(suite, 'state value', value)

export const leafHash = (suite: TestSuite, key: StateKey, value: Uint8Array): Uint8Array =>
  underTag(suite, 'state leaf', concatBytes(bytesFromId(key), valueHash(suite, value)))

export const nodeHash = (suite: TestSuite, left: Uint8Array, right: Uint8Array): Uint8Array =>
  underTag(suite, 'state node', concatBytes(left, right))

/** A tree of any shape, honest or not. */
export type Shape =
  | { readonly key: StateKey; readonly value: Uint8Array }
  | { readonly left: Shape; readonly right: Shape }
  | { readonly hash: Uint8Array }
  | undefined

export const shapeHash = (suite: TestSuite, shape: Shape): Uint8Array => {
  if (shape === undefined) return ZERO
  if ('hash' in shape) return shape.hash
  if ('key' in shape) return leafHash(suite, shape.key, shape.value)
  return nodeHash(suite, shapeHash(suite, shape.left), shapeHash(suite, shape.right))
}

export const shapeRoot = (suite: TestSuite, shape: Shape): StateRoot =>
  idFromHex(hexFromBytes(shapeHash(suite, shape)))

/** The one honest shape of a set of keys and values. */
export const honestShape = (entries: ReadonlyMap<StateKey, Uint8Array>): Shape => {
  const over = (keys: readonly StateKey[], depth: number): Shape => {
    const [first] = keys
    if (first === undefined) return undefined
    if (keys.length === 1) return { key: first, value: entries.get(first) ?? ZERO }
    return {
      left: over(
        keys.filter((key) => bitOf(key, depth) === 0),
        depth + 1,
      ),
      right: over(
        keys.filter((key) => bitOf(key, depth) === 1),
        depth + 1,
      ),
    }
  }
  return over([...entries.keys()], 0)
}

export const bitOf = (key: StateKey, depth: number): number =>
  ((bytesFromId(key)[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1

/** The siblings that a walk of exactly `depth` levels towards `key` passes, whatever stands there. */
export const siblingsTo = (
  suite: TestSuite,
  shape: Shape,
  key: StateKey,
  depth: number,
): (Uint8Array | undefined)[] => {
  const siblings: (Uint8Array | undefined)[] = []
  let at = shape
  for (let level = 0; level < depth; level++) {
    if (at === undefined || !('left' in at)) throw new Error(`no branch at level ${level}`)
    const far: Shape = bitOf(key, level) === 0 ? at.right : at.left
    at = bitOf(key, level) === 0 ? at.left : at.right
    siblings.push(far === undefined ? undefined : shapeHash(suite, far))
  }
  return siblings
}

export const forgedProof = (
  siblings: readonly (Uint8Array | undefined)[],
  terminal: Terminal,
): Proof => ({ siblings, terminal })

/** A key that starts with the given bits and goes on with `fill`. */
export const keyWith = (bits: string, fill: 0 | 1 = 0): StateKey => {
  const padded = bits.replaceAll(' ', '').padEnd(256, String(fill))
  const bytes = Uint8Array.from({ length: 32 }, (_, at) =>
    Number.parseInt(padded.slice(8 * at, 8 * at + 8), 2),
  )
  return idFromHex(hexFromBytes(bytes))
}

/** Keys that collide for 0, a few, 35, 64, 255 and all but no bits, so that small sets already make odd shapes. */
export const keyPool: readonly StateKey[] = [
  ...['0000', '0001', '0010', '0111', '1000', '1001', '1101', '1111'].map((bits) => keyWith(bits)),
  ...['0000', '0111', '1000', '1111'].map((bits) => keyWith(bits, 1)),
  keyWith(`${'01'.repeat(32)}0`),
  keyWith(`${'01'.repeat(32)}1`),
  keyWith(`${'10'.repeat(127)}10`),
  keyWith(`${'10'.repeat(127)}11`),
  keyWith('0'.repeat(255) + '1'),
  keyWith('0'.repeat(35) + '1'),
]

export const anyKey: fc.Arbitrary<StateKey> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...keyPool) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => idFromHex<'state-key'>(hexFromBytes(bytes))),
  },
)

export const anyValue: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 6 })

export const anyEntries: fc.Arbitrary<ReadonlyMap<StateKey, Uint8Array>> = fc
  .array(fc.tuple(anyKey, anyValue), { maxLength: 14 })
  .map((entries) => new Map(entries))

/** A well mixed key for the number `n`. */
export const numberedKey = (n: number): StateKey =>
  idFromHex(hexFromBytes(blake3(Uint8Array.of(n & 255, (n >> 8) & 255, (n >> 16) & 255))))

export const valueOf = (n: number): Uint8Array => Uint8Array.of(1, n & 255, n >> 8)
