import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import {
  type Codec,
  bytes,
  choice,
  createWriter,
  fixedBytes,
  flag,
  id,
  list,
  literal,
  mapped,
  optional,
  struct,
  text,
  u128,
  u32,
  u64,
  u8,
  union,
} from '../../src/base/codec.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'

const codeOf = (run: () => unknown): string | undefined => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : undefined
}

type Shape = { readonly is: 'dot' } | { readonly is: 'box'; readonly side: number }
const shape: Codec<Shape> = union<Shape>({
  dot: struct({ is: literal('dot') }),
  box: struct({ is: literal('box'), side: u32 }),
})

type Record = {
  readonly flag: boolean
  readonly small: number
  readonly amount: bigint
  readonly name: string
  readonly tail: Uint8Array
  readonly shapes: readonly Shape[]
  readonly note: string | undefined
}
const record: Codec<Record> = struct<Record>({
  flag,
  small: u8,
  amount: u128,
  name: text(64),
  tail: bytes(16),
  shapes: list(shape, 4),
  note: optional(text(8)),
})

const side = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ is: fc.constant('dot' as const) }),
  fc.record({ is: fc.constant('box' as const), side }),
)
const word = fc.string({
  unit: fc.constantFrom('a', 'Z', ' ', 'é', '日', '\u{1f600}'),
  maxLength: 2,
})
const anyRecord: fc.Arbitrary<Record> = fc.record({
  flag: fc.boolean(),
  small: fc.integer({ min: 0, max: 255 }),
  amount: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  name: word,
  tail: fc.uint8Array({ maxLength: 16 }),
  shapes: fc.array(anyShape, { maxLength: 4 }),
  note: fc.option(word, { nil: undefined }),
})

describe('a record', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(anyRecord, (value) => {
        expect(record.decode(record.encode(value))).toEqual(value)
      }),
    )
  })

  test('is refused when it is cut or extended anywhere', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), (value, at) => {
        const whole = record.encode(value)
        expect(codeOf(() => record.decode(whole.slice(0, at % whole.length)))).toMatch(
          /^codec\/|^text\//,
        )
        expect(codeOf(() => record.decode(Uint8Array.of(...whole, 0)))).toBe('codec/extended')
      }),
    )
  })

  test('has one spelling: whatever bytes are accepted are what encoding gives', () => {
    const mutated = fc.tuple(anyRecord, fc.nat(), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(mutated, ([value, at, change]) => {
        const whole = record.encode(value)
        const index = at % whole.length
        whole[index] = (whole[index] ?? 0) ^ change
        const result = faultFrom(() => record.decode(whole))
        if (!isFault(result)) expect(record.encode(result)).toEqual(whole)
      }),
      { numRuns: 1000 },
    )
  })

  test('keeps nothing of the buffer it was read from', () => {
    const codec = bytes(16)
    for (const input of [
      codec.encode(Uint8Array.of(7, 7)),
      Buffer.from(codec.encode(Uint8Array.of(7, 7))),
    ]) {
      const value = codec.decode(input)
      input.fill(0)
      expect(value).toEqual(Uint8Array.of(7, 7))
    }
  })

  test('is read from the middle of a larger buffer', () => {
    const codec = u64
    const inside = Uint8Array.of(9, 9, ...codec.encode(5n), 9)
    expect(codec.decode(inside.subarray(2, 10))).toBe(5n)
  })
})

describe('integers', () => {
  const cases: readonly [
    string,
    Codec<number> | Codec<bigint>,
    number | bigint,
    number | bigint,
  ][] = [
    ['u8', u8, 255, 256],
    ['u32', u32, 2 ** 32 - 1, 2 ** 32],
    ['u64', u64, 2n ** 64n - 1n, 2n ** 64n],
    ['u128', u128, 2n ** 128n - 1n, 2n ** 128n],
  ]
  test.each(cases)(
    '%s takes its largest value and refuses the next',
    (_name, codec, last, next) => {
      const loose = codec as Codec<number | bigint>
      expect(loose.decode(loose.encode(last))).toBe(last)
      expect(codeOf(() => loose.encode(next))).toBe('codec/integer-out-of-range')
    },
  )

  test('are never negative, fractional, or of the other kind', () => {
    const wrong: readonly (() => unknown)[] = [
      () => u8.encode(-1),
      () => u32.encode(1.5),
      () => u32.encode(Number.NaN),
      () => u64.encode(-1n),
      () => u64.encode(1 as unknown as bigint),
      () => u128.encode(-1n),
      () => u128.encode('1' as unknown as bigint),
    ]
    for (const run of wrong) expect(codeOf(run)).toBe('codec/integer-out-of-range')
  })

  test('are little-endian', () => {
    expect([...u32.encode(1)]).toEqual([1, 0, 0, 0])
    expect([...u128.encode(1n << 64n)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
  })
})

describe('lengths', () => {
  const counted = (count: number): Uint8Array => u32.encode(count)

  test('stop at the named maximum, in both directions', () => {
    expect(bytes(3).decode(bytes(3).encode(new Uint8Array(3)))).toHaveLength(3)
    expect(codeOf(() => bytes(3).encode(new Uint8Array(4)))).toBe('codec/too-long')
    expect(codeOf(() => bytes(3).decode(counted(4)))).toBe('codec/too-long')
    expect(list(u8, 2).decode(list(u8, 2).encode([1, 2]))).toEqual([1, 2])
    expect(codeOf(() => list(u8, 2).encode([1, 2, 3]))).toBe('codec/too-long')
    expect(codeOf(() => list(u8, 2).decode(counted(3)))).toBe('codec/too-long')
  })

  test('of a text count its bytes, not its characters', () => {
    expect(text(4).decode(text(4).encode('\u{1f600}'))).toBe('\u{1f600}')
    expect(codeOf(() => text(3).encode('\u{1f600}'))).toBe('codec/too-long')
  })

  test('that promise more than there is do not make the reader allocate', () => {
    const greedy = counted(2 ** 32 - 1)
    expect(codeOf(() => bytes(2 ** 32 - 1).decode(greedy))).toBe('codec/truncated')
    expect(codeOf(() => list(u64, 2 ** 32 - 1).decode(greedy))).toBe('codec/truncated')
  })

  test('of fixed bytes and ids are exact', () => {
    expect(codeOf(() => fixedBytes(2).encode(new Uint8Array(3)))).toBe('codec/wrong-size')
    expect(codeOf(() => fixedBytes(2).decode(new Uint8Array(1)))).toBe('codec/truncated')
    const value = idFromHex<'machine'>('0f'.repeat(32))
    expect(id<'machine'>().decode(id<'machine'>().encode(value))).toBe(value)
    expect(codeOf(() => id().decode(new Uint8Array(33)))).toBe('codec/extended')
  })
})

describe('closed choices', () => {
  test('know their cases and no other', () => {
    const colour = choice(['red', 'blue'])
    expect(colour.decode(colour.encode('blue'))).toBe('blue')
    expect(codeOf(() => colour.decode(Uint8Array.of(2)))).toBe('codec/unknown-case')
    expect(codeOf(() => colour.encode('green' as 'red'))).toBe('codec/unknown-case')
    expect([...shape.encode({ is: 'box', side: 2 })]).toEqual([1, 2, 0, 0, 0])
    expect(codeOf(() => shape.decode(Uint8Array.of(2)))).toBe('codec/unknown-case')
  })

  test('a flag and a missing value are 0 or 1', () => {
    expect(codeOf(() => flag.decode(Uint8Array.of(2)))).toBe('codec/not-canonical')
    expect(codeOf(() => optional(u8).decode(Uint8Array.of(2, 0)))).toBe('codec/not-canonical')
    expect(optional(u8).decode(Uint8Array.of(0))).toBeUndefined()
    expect(codeOf(() => optional(u8).decode(Uint8Array.of(0, 7)))).toBe('codec/extended')
  })
})

describe('a text', () => {
  test('holds nothing that rewrites the line that shows it', () => {
    for (const mark of [
      '\u0000',
      '\n',
      '\u001b',
      '\u007f',
      '\u009b',
      '\u200f',
      '\u202e',
      '\u2067',
      '\u200b',
      '\u2060',
      '\u061c',
      '\u2028',
      '\ufeff',
      '\ud800',
    ]) {
      expect(codeOf(() => text(64).encode(`a${mark}b`))).toBe('text/control-character')
    }
    const escape = Uint8Array.of(1, 0, 0, 0, 0x1b)
    expect(codeOf(() => text(64).decode(escape))).toBe('text/control-character')
    expect(codeOf(() => text(64).decode(Uint8Array.of(1, 0, 0, 0, 0xff)))).toBe('text/not-utf8')
  })
})

describe('mapped', () => {
  test('shows another form of what is on the wire', () => {
    const even: Codec<number> = mapped(
      u8,
      (value) => value * 2,
      (value) => value / 2,
    )
    expect([...even.encode(6)]).toEqual([3])
    expect(even.decode(Uint8Array.of(3))).toBe(6)
    expect(codeOf(() => even.encode(7))).toBe('codec/integer-out-of-range')
  })
})

describe('writer', () => {
  test('keeps what each kind of write puts across the end of its buffer', () => {
    for (let hint = 1; hint <= 40; hint++) {
      const writer = createWriter(hint)
      writer.u8(1)
      writer.u32(0x02030405)
      writer.u64(0x060708090a0b0c0dn)
      writer.raw(Uint8Array.of(14, 15, 16))
      writer.u8(17)
      expect([...writer.finish()]).toEqual([
        1, 5, 4, 3, 2, 13, 12, 11, 10, 9, 8, 7, 6, 14, 15, 16, 17,
      ])
    }
  })

  test('starts from an empty buffer too', () => {
    const writer = createWriter(0)
    writer.u8(1)
    expect([...writer.finish()]).toEqual([1])
  })
})
