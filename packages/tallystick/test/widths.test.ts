/**
 * D1: numbers of every width that something is counted in. Each sum, difference and product is that of plain whole numbers, or refused:
 * nothing wraps, and nothing stays at the largest number while the rest of it is gone.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Codec, u128, u32, u64, u8 } from '../src/base/codec.ts'
import { faultFrom, isFault } from '../src/base/fault.ts'
import { poloInteger } from '../src/dialects/moi/polo/scalar.ts'
import { encodePolo, readPolo } from '../src/dialects/moi/polo/schema.ts'
import { createDraft } from '../src/dialects/moi/run/draft.ts'
import { balanceOf, credit, debit } from '../src/dialects/moi/run/holding.ts'
import { amountRecord } from '../src/dialects/moi/run/record.ts'
import { REFERENCE_BYTES } from '../src/kernel/chain-record.ts'
import { applyMove, FINE, judgeMove, leadsTo, writeEntry } from '../src/kernel/chain-rule.ts'
import { addAmounts, subtractAmounts } from '../src/logic/amount.ts'
import { compile } from '../src/dialects/moi/pisa/compile.ts'
import { createWorld, outputsOf, sketch, sound } from './dialects/moi/pisa/world.ts'
import { ada, KMOI } from './dialects/moi/run/town.ts'

const IS_SLOW = process.env['TALLYSTICK_SLOW'] === '1'
/** Numbers on each side of each edge: in slow runs all that eight bits count. */
const NEAR = IS_SLOW ? 256n : 24n
const RUNS = IS_SLOW ? 20_000 : 300

type Refused = 'refused'
type Arithmetic = {
  readonly name: string
  readonly min: bigint
  readonly max: bigint
  readonly near: bigint
  readonly runs: number
  /** How a sum, a difference, and where there is one a product come out. */
  readonly operations: Readonly<Record<string, (a: bigint, b: bigint) => bigint | Refused>>
}

const orRefused = (run: () => bigint): bigint | Refused => {
  const made = faultFrom(run)
  return isFault(made) ? 'refused' : made
}

/** Balances of an asset of MOI: what comes in and goes out of the same holding. */
const holding = { account: ada.id, asset: KMOI, token: 0n }
const balance = (a: bigint, b: bigint, act: typeof credit): bigint | Refused => {
  const draft = createDraft({
    read: () => undefined,
    locks: new Map([[ada.id, 'mutate']]),
    isQuestion: false,
  })
  credit(draft, holding, a)
  return orRefused(() => {
    act(draft, holding, b)
    return balanceOf(draft.read, holding)
  })
}

/** Cells of a flat chain, in words of 32 bits. An amount of nothing is no move, so the cells are as they were. */
const words = new Int32Array(64)
const memory = { words, bytes: new Uint8Array(words.buffer) }
const cells = new BigUint64Array(words.buffer)
const [STATE, ENTRY, BEFORE] = [0, 16, 32]
const move = (from: bigint, to: bigint, amount: bigint): readonly [bigint, bigint] | Refused => {
  cells.set([from, to, 7n, 9n])
  words.copyWithin(BEFORE, STATE, STATE + 8)
  const fault = writeEntry(memory, ENTRY, {
    is: 'move',
    from: 0,
    to: 1,
    amount,
    reference: REFERENCE,
  })
  const isFine = !fault && judgeMove(words, STATE, ENTRY) === FINE
  if (isFine) {
    applyMove(words, STATE, ENTRY)
    expect(leadsTo(words, BEFORE, ENTRY, STATE)).toBe(true)
  }
  const [source = 0n, target = 0n, ...others] = cells.subarray(0, 4)
  expect(others).toEqual([7n, 9n])
  if (!isFine) expect([source, target]).toEqual([from, to])
  return isFine ? [source, target] : 'refused'
}
const REFERENCE = new Uint8Array(REFERENCE_BYTES)

/** Numbers of a logic of MOI, computed by the program itself. */
const INT = poloInteger(257)
const programs = new Map<string, ReturnType<typeof createWorld>>()
const compute = (operation: string, type: string) => (left: bigint, right: bigint) => {
  const name = `${operation} ${type}`
  const asm = ['OBTAIN $0 &0', 'OBTAIN $1 &1', `${operation} $0 $0 $1`, 'YIELD $0 &0']
  const of = { accepts: [`left ${type}`, `right ${type}`], returns: [`out ${type}`], asm }
  const world = programs.get(name) ?? createWorld(sound(compile(sketch(of))))
  programs.set(name, world)
  const outcome = world.call('Run', { left: encodePolo(INT, left), right: encodePolo(INT, right) })
  if (outcome.is === 'exception') {
    expect(outcome.exception.class).toBe('IntegerOverflow')
    return 'refused'
  }
  return readPolo(INT, outputsOf(outcome).get('out') ?? new Uint8Array())
}

const unsigned = (bits: bigint) => ({ min: 0n, max: (1n << bits) - 1n })
const signed = (bits: bigint) => ({ min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n })
const LOGIC = { near: IS_SLOW ? 12n : 3n, runs: IS_SLOW ? 2000 : 30 }
const numbersOf = (type: string, bounds: { readonly min: bigint; readonly max: bigint }) => ({
  name: `a logic's ${type}`,
  ...bounds,
  ...LOGIC,
  operations: {
    sum: compute('ADD', type),
    difference: compute('SUB', type),
    product: compute('MUL', type),
  },
})

const all: readonly Arithmetic[] = [
  {
    name: 'amounts of a ledger',
    ...unsigned(128n),
    near: NEAR,
    runs: RUNS,
    operations: {
      sum: (a, b) => orRefused(() => addAmounts(a, b)),
      difference: (a, b) => orRefused(() => subtractAmounts(a, b)),
    },
  },
  {
    name: 'balances of MOI',
    ...unsigned(256n),
    near: IS_SLOW ? 64n : 12n,
    runs: RUNS,
    operations: {
      sum: (a, b) => balance(a, b, credit),
      difference: (a, b) => balance(a, b, debit),
    },
  },
  {
    name: 'cells of a flat chain',
    ...unsigned(64n),
    near: NEAR,
    runs: RUNS,
    operations: {
      sum: (a, b) => {
        if (b === 0n) return a
        const after = move(b, a, b)
        return after === 'refused' ? after : after[1]
      },
      difference: (a, b) => {
        if (b === 0n) return a
        const after = move(a, 0n, b)
        return after === 'refused' ? after : after[0]
      },
    },
  },
  numbersOf('u64', unsigned(64n)),
  numbersOf('u256', unsigned(256n)),
  numbersOf('i64', signed(64n)),
  numbersOf('i256', signed(256n)),
]

const PLAIN: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  sum: (a, b) => a + b,
  difference: (a, b) => a - b,
  product: (a, b) => a * b,
}

/** What differs from plain numbers, if anything does. */
const check = ({ min, max, operations }: Arithmetic, a: bigint, b: bigint): void => {
  for (const [name, run] of Object.entries(operations)) {
    const plain = PLAIN[name]?.(a, b) ?? 0n
    const expected = plain < min || plain > max ? 'refused' : plain
    const made = run(a, b)
    // Millions of calls of the library that expects take longer than what is tried.
    if (made !== expected) expect([name, a, b, made]).toEqual([name, a, b, expected])
  }
}

/** Around the least, nothing, the middle where words of 32 bits meet, and the largest. */
const edgesOf = ({ min, max, near }: Arithmetic): readonly bigint[] => {
  const around = [min, 0n, 1n << 32n, max].flatMap((edge) =>
    Array.from({ length: Number(near) * 2 + 1 }, (_, at) => edge + BigInt(at) - near),
  )
  return [...new Set(around)].filter((one) => one >= min && one <= max)
}

describe.each(all)('D1: $name', (kind) => {
  test('are plain whole numbers or refused, for every pair at the edges', () => {
    const edges = edgesOf(kind)
    expect(edges).toContain(kind.max)
    for (const a of edges) for (const b of edges) check(kind, a, b)
  })

  test('are plain whole numbers or refused, for numbers of any size', () => {
    const bits = kind.max.toString(2).length
    // As many small ones as large ones: drawn from all alike, nearly every one would be large.
    const number = fc
      .tuple(fc.bigInt({ min: kind.min, max: kind.max }), fc.integer({ min: 0, max: bits }))
      .map(([value, shift]) => value >> BigInt(shift))
    const pair = fc.tuple(number, number).map(([a, b]) => ({ a, b }))
    fc.assert(
      fc.property(pair, fc.boolean(), ({ a, b }, isTight) => {
        check(kind, a, b)
        // The partner with which the sum is the largest number, and one more.
        if (isTight && a > 0n) for (const by of [0n, 1n]) check(kind, a, kind.max - a + by)
      }),
      { numRuns: kind.runs },
    )
  })
})

type InBytes = Pick<Codec<bigint>, 'encode' | 'decode'>

const asBigint = (of: Codec<number>): InBytes => ({
  encode: (value) => of.encode(Number(value)),
  decode: (bytes) => BigInt(of.decode(bytes)),
})

describe.each([
  ['u8', 8n, asBigint(u8)],
  ['u32', 32n, asBigint(u32)],
  ['u64', 64n, u64],
  ['u128', 128n, u128],
  ['amounts of MOI', 256n, amountRecord],
] as const)('D1: %s in bytes', (_, bits, codec) => {
  const max = (1n << bits) - 1n
  const comesBack = (value: bigint): boolean => {
    const bytes = faultFrom(() => codec.encode(value))
    return !isFault(bytes) && codec.decode(bytes) === value
  }

  test('hold each number up to the last, and refuse the ones below the first and above it', () => {
    for (let near = 0n; near < 256n; near++) {
      expect([near, comesBack(near)]).toEqual([near, true])
      expect([near, comesBack(max - near)]).toEqual([near, true])
      for (const outside of [-1n - near, max + 1n + near]) {
        expect([outside, isFault(faultFrom(() => codec.encode(outside)))]).toEqual([outside, true])
      }
    }
  })

  test('have one length and one spelling', () => {
    const size = codec.encode(0n).length
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max }), (value) => {
        const bytes = codec.encode(value)
        expect(bytes.length).toBe(size)
        expect(codec.decode(bytes)).toBe(value)
      }),
      { numRuns: RUNS },
    )
    expect(size).toBe(Number(bits) / 8)
  })
})
