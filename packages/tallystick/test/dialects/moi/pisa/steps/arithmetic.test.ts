import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../../../src/base/bytes.ts'
import { poloInteger } from '../../../../../src/dialects/moi/polo/scalar.ts'
import { encodePolo, readPolo } from '../../../../../src/dialects/moi/polo/schema.ts'
import { bool, outputsOf, readBool, runSketch, text, uint } from '../world.ts'

const int = (of: bigint): Uint8Array => encodePolo(poloInteger(257), of)

/** `left OP right` for numbers of one type. */
const compute = (operation: string, type: string, left: bigint, right: bigint) =>
  runSketch(
    {
      accepts: [`left ${type}`, `right ${type}`],
      returns: [`out ${type}`],
      asm: ['OBTAIN $0 &0', 'OBTAIN $1 &1', `${operation} $0 $0 $1`, 'YIELD $0 &0'],
    },
    { left: int(left), right: int(right) },
  )

const result = (...of: Parameters<typeof compute>): bigint =>
  readPolo(poloInteger(257), outputsOf(compute(...of)).get('out') ?? new Uint8Array())

const raised = (outcome: ReturnType<typeof compute>): string =>
  outcome.is === 'exception' ? outcome.exception.class : outcome.is

const U64_MAX = (1n << 64n) - 1n
const I64_MIN = -(1n << 63n)

describe('arithmetic', () => {
  test('is that of whole numbers', () => {
    expect(result('ADD', 'u64', 2n, 3n)).toBe(5n)
    expect(result('SUB', 'i64', 2n, 3n)).toBe(-1n)
    expect(result('MUL', 'i256', -4n, 5n)).toBe(-20n)
    expect(result('DIV', 'i64', -7n, 2n)).toBe(-3n)
  })

  test.each([
    ['ADD', 'u64', U64_MAX - 1n, 1n, 2n],
    ['SUB', 'u64', 1n, 1n, 2n],
    ['MUL', 'u64', 1n << 63n, 1n, 2n],
    ['SUB', 'i64', I64_MIN + 1n, 1n, 2n],
    ['DIV', 'i64', I64_MIN, 1n, -1n],
    ['ADD', 'i64', -I64_MIN - 2n, 1n, 2n],
    ['ADD', 'u256', (1n << 256n) - 3n, 2n, 3n],
    ['ADD', 'i256', (1n << 255n) - 3n, 2n, 3n],
    ['MUL', 'bigint', 1n << 254n, 1n, 2n],
  ])(
    '%s of %s holds its last value and raises for the next',
    (...[operation, type, left, last, next]) => {
      expect(compute(operation, type, left, last).is).toBe('ok')
      expect(raised(compute(operation, type, left, next))).toBe('IntegerOverflow')
    },
  )

  test('raises for a division by zero, and by nothing else', () => {
    expect(raised(compute('DIV', 'u64', 1n, 0n))).toBe('DivisionByZero')
    expect(result('DIV', 'u64', 1n, 1n)).toBe(1n)
  })

  test('is a defect between numbers of different types', () => {
    const of = {
      accepts: ['left u64', 'right u256'],
      asm: ['OBTAIN $0 &0', 'OBTAIN $1 &1', 'ADD $0 $0 $1'],
    }
    expect(runSketch(of).is).toBe('defect')
    expect(runSketch({ ...of, accepts: ['left u64', 'right u64'] }).is).toBe('ok')
  })

  test('counts up and down, up to the edges', () => {
    const counted = (operation: string, of: bigint) =>
      runSketch(
        {
          accepts: ['of u64'],
          returns: ['out u64'],
          asm: ['OBTAIN $0 &0', `${operation} $0`, 'YIELD $0 &0'],
        },
        { of: uint(of) },
      )
    expect(hexFromBytes(outputsOf(counted('INCR', 1n)).get('out') ?? new Uint8Array())).toBe('0302')
    expect(raised(counted('INCR', U64_MAX))).toBe('IntegerOverflow')
    expect(raised(counted('DECR', 0n))).toBe('IntegerOverflow')
  })
})

describe('comparisons', () => {
  const holds = (operation: string, type: string, left: Uint8Array, right: Uint8Array): boolean =>
    readBool(
      outputsOf(
        runSketch(
          {
            accepts: [`left ${type}`, `right ${type}`],
            returns: ['out bool'],
            asm: ['OBTAIN $0 &0', 'OBTAIN $1 &1', `${operation} $0 $0 $1`, 'YIELD $0 &0'],
          },
          { left, right },
        ),
      ).get('out'),
    )

  test('tell less, greater and equal apart', () => {
    expect(holds('LT', 'i64', int(-2n), int(1n))).toBe(true)
    expect(holds('LT', 'u256', uint(2), uint(2))).toBe(false)
    expect(holds('GT', 'u256', uint(3), uint(2))).toBe(true)
    expect(holds('GT', 'u256', uint(2), uint(2))).toBe(false)
    expect(holds('EQ', 'u256', uint(2), uint(2))).toBe(true)
    expect(holds('EQ', 'string', text('a'), text('b'))).toBe(false)
    expect(holds('EQ', 'bytes', text('ab'), text('ab'))).toBe(true)
    expect(holds('EQ', 'bytes', text('ab'), text('ac'))).toBe(false)
    expect(holds('EQ', 'bool', bool(true), bool(true))).toBe(true)
  })

  test.each([
    ['AND', [false, false, false, true]],
    ['OR', [false, true, true, true]],
  ])('%s has its table', (operation, table) => {
    const pairs = [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const
    expect(pairs.map(([a, b]) => holds(operation, 'bool', bool(a), bool(b)))).toEqual(table)
  })
})

describe('texts', () => {
  const asText = (type: string, of: Uint8Array): string => {
    const outcome = runSketch(
      { accepts: [`of ${type}`], asm: ['OBTAIN $0 &0', 'STR $0 $0', 'THROW $0'] },
      { of },
    )
    if (outcome.is !== 'exception') throw new Error(outcome.is)
    return outcome.exception.error
  }

  test('spell numbers in decimal, bytes in hexadecimal, booleans in words', () => {
    expect(asText('i64', int(-12n))).toBe('-12')
    expect(asText('bytes', Uint8Array.of(6, 0, 255))).toBe('00ff')
    expect(asText('bool', bool(true))).toBe('true')
    expect(asText('string', text('é'))).toBe('é')
  })

  test('are joined up to a length', () => {
    const doubled = (times: number) =>
      runSketch(
        {
          accepts: ['of string'],
          asm: ['OBTAIN $0 &0', ...Array.from({ length: times }, () => 'JOIN $0 $0 $0')],
        },
        { of: text('ab') },
      )
    expect(doubled(15).is).toBe('ok')
    expect(doubled(16).is).toBe('defect')
  })
})
