/**
 * The library of MOI's makers against ours, on random schemas and values. Where the library is known to be wrong or unable, the
 * values keep out of its way, and a test of its own shows what it does.
 */
import { Depolorizer, documentEncode, Polorizer } from 'js-polo'
import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../../src/base/bytes.ts'
import { isFault } from '../../../../src/base/fault.ts'
import {
  poloArray,
  poloDocument,
  poloMap,
  poloStruct,
} from '../../../../src/dialects/moi/polo/container.ts'
import { readDocument, writeDocument } from '../../../../src/dialects/moi/polo/document.ts'
import {
  poloBool,
  poloBytes,
  poloFloat,
  poloInteger,
  poloNatural,
  poloText,
  poloWhole,
} from '../../../../src/dialects/moi/polo/scalar.ts'
import {
  decodePolo,
  encodePolo,
  type Polo,
  poloMapped,
} from '../../../../src/dialects/moi/polo/schema.ts'
import { createStreams, type Stream } from '../../../../src/sim/random.ts'
import { noise, randomText } from './random.ts'

type TheirSchema = { readonly kind: string; readonly fields?: object }

/** A schema for both, with a way to make values of it. */
type Pair = {
  readonly ours: Polo<unknown>
  readonly theirs: TheirSchema
  readonly make: (random: Stream) => unknown
}

const pairOf = <T>(ours: Polo<T>, theirs: TheirSchema, make: (random: Stream) => T): Pair => ({
  ours: ours as Polo<unknown>,
  theirs,
  make,
})

const SIZE = 4096

/** The library takes integers as numbers; ours as big integers, so that both are tried. */
const integer: Polo<number> = poloMapped(poloInteger(64), Number, BigInt)

const integerOf = (random: Stream): number => {
  const magnitude = Math.floor(2 ** random.below(47)) + random.below(3)
  return random.chance(30) ? -magnitude : magnitude - 1
}

const SCALARS: readonly Pair[] = [
  pairOf(poloBool, { kind: 'bool' }, (random) => random.chance(50)),
  pairOf(integer, { kind: 'integer' }, integerOf),
  pairOf(poloWhole(2 ** 47), { kind: 'integer' }, (random) => Math.abs(integerOf(random))),
  pairOf(poloText(SIZE), { kind: 'string' }, (random) => randomText(random, 90)),
  pairOf(poloBytes(SIZE), { kind: 'bytes' }, (random) => noise(random, 200)),
  pairOf(poloFloat, { kind: 'float' }, (random) => random.below(1_000_000) + 0.5),
]

const randomPair = (random: Stream, levels: number): Pair => {
  const way = levels === 0 ? 0 : random.below(5)
  if (way === 1) {
    const item = randomPair(random, levels - 1)
    const theirs = { kind: 'array', fields: { values: item.theirs } }
    return pairOf(poloArray(item.ours, SIZE), theirs, (from) =>
      Array.from({ length: from.below(7) }, () => item.make(from)),
    )
  }
  if (way === 2) {
    const item = randomPair(random, levels - 1)
    const fields = { keys: { kind: 'string' }, values: item.theirs }
    return pairOf(poloMap(poloText(SIZE), item.ours, SIZE), { kind: 'map', fields }, (from) => {
      const names = Array.from({ length: from.below(7) }, () => randomText(from, 6)).toSorted()
      return new Map(names.map((name) => [name, item.make(from)]))
    })
  }
  if (way === 3 || way === 4) {
    const names = Array.from({ length: 1 + random.below(6) }, (_, at) => `f${at}`)
    const parts = names.map((name) => [name, randomPair(random, levels - 1)] as const)
    const fields = Object.fromEntries(parts.map(([name, part]) => [name, part.theirs]))
    const ours = Object.fromEntries(parts.map(([name, part]) => [name, part.ours]))
    return pairOf(poloStruct<object>(ours), { kind: 'struct', fields }, (from) =>
      Object.fromEntries(parts.map(([name, part]) => [name, part.make(from)])),
    )
  }
  const scalar = random.pick(SCALARS)
  if (scalar === undefined) throw new Error('there are some')
  return scalar
}

const theirBytes = (value: unknown, schema: TheirSchema): Uint8Array => {
  const polorizer = new Polorizer()
  polorizer.polorize(value, schema as never)
  return polorizer.bytes()
}

/** Plain numbers, arrays and maps out of what the library gives. */
const theirValue = (bytes: Uint8Array, schema: TheirSchema): unknown =>
  new Depolorizer(bytes).depolorize(schema as never)

describe('the library and we', () => {
  test('write the same bytes for the same values, and read each other’s', () => {
    const random = createStreams(20)('pairs')
    let containers = 0
    for (let at = 0; at < 400; at++) {
      const { ours, theirs, make } = randomPair(random, 3)
      const value = make(random)
      const bytes = encodePolo(ours, value)
      expect(hexFromBytes(bytes)).toBe(hexFromBytes(theirBytes(value, theirs)))
      const found = decodePolo(ours, bytes)
      expect(found).toEqual(value)
      expect(theirValue(bytes, theirs)).toEqual(found)
      if (bytes[0] === 14) containers += 1
    }
    expect(containers).toBeGreaterThan(80)
  })

  test('write the same documents', () => {
    const random = createStreams(21)('documents')
    type Fields = {
      readonly amount: number
      readonly name: string
      readonly list: readonly string[]
    }
    const schema = poloDocument<Fields>({
      amount: poloWhole(2 ** 40),
      name: poloText(SIZE),
      list: poloArray(poloText(SIZE), SIZE),
    })
    const fields = {
      amount: { kind: 'integer' },
      name: { kind: 'string' },
      list: { kind: 'array', fields: { values: { kind: 'string' } } },
    }
    for (let at = 0; at < 200; at++) {
      const value: Fields = {
        amount: random.below(2 ** 32),
        name: randomText(random, 40),
        list: Array.from({ length: random.below(5) }, () => randomText(random, 9)),
      }
      const theirs = documentEncode(value as never, { kind: 'struct', fields } as never).bytes()
      expect(hexFromBytes(encodePolo(schema, value))).toBe(hexFromBytes(theirs))
      const entries = readDocument(theirs)
      if (isFault(entries)) throw entries
      expect([...entries.keys()]).toEqual(['amount', 'list', 'name'])
      expect(hexFromBytes(writeDocument(entries))).toBe(hexFromBytes(theirs))
    }
  })

  test('differ on big integers, which it writes in eight bytes and we read', () => {
    const u64 = poloNatural(64)
    const theirs = theirBytes(300n, { kind: 'integer' })
    expect(hexFromBytes(theirs)).toBe('03000000000000012c')
    expect(decodePolo(u64, theirs)).toBe(300n)
    expect(hexFromBytes(encodePolo(u64, 300n))).toBe('03012c')
    expect(theirValue(bytesFromHex('03012c'), { kind: 'integer' })).toBe(300)
    expect(decodePolo(u64, theirBytes(2n ** 64n - 1n, { kind: 'integer' }))).toBe(2n ** 64n - 1n)
  })

  test('differ on numbers beyond 64 bits, which it cannot read', () => {
    const bytes = encodePolo(poloNatural(256), 2n ** 64n)
    expect(() => theirValue(bytes, { kind: 'integer' })).toThrow('excess data')
    expect(theirValue(encodePolo(poloNatural(256), 2n ** 53n - 1n), { kind: 'integer' })).toBe(
      Number.MAX_SAFE_INTEGER,
    )
  })

  test('read the same where a value was left out', () => {
    const fields = {
      a: { kind: 'bytes' },
      b: { kind: 'integer' },
      c: { kind: 'bool' },
      d: { kind: 'string' },
      e: { kind: 'array', fields: { values: { kind: 'string' } } },
    }
    const bytes = theirBytes({}, { kind: 'struct', fields })
    const schema = poloStruct({
      a: poloBytes(9),
      b: poloWhole(9),
      c: poloBool,
      d: poloText(9),
      e: poloArray(poloText(9), 9),
    } as never)
    expect(hexFromBytes(bytes)).toBe('0e5f0003010600')
    expect(decodePolo(schema, bytes)).toEqual({
      a: new Uint8Array(0),
      b: 0,
      c: false,
      d: '',
      e: [],
    })
  })

  test('differ on malformed messages, which it reads as it likes', () => {
    const struct = { kind: 'struct', fields: { a: { kind: 'string' } } }
    const ours = poloStruct<{ readonly a: string }>({ a: poloText(9) })
    // A natural number for a text; bytes after a text; a gap before the first body.
    for (const [hex, theirs] of [
      ['0e1f0361', { a: 'a' }],
      ['0e1f166162', { a: 'b' }],
    ] as const) {
      expect(theirValue(bytesFromHex(hex), struct)).toEqual(theirs)
      expect(isFault(decodePolo(ours, bytesFromHex(hex)))).toBe(true)
    }
  })
})
