import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault, faultFrom, isFault } from '../../src/base/fault.ts'
import {
  addAmounts,
  AMOUNT_MAX,
  amountFromText,
  checkDecimals,
  checkedAmount,
  positiveAmount,
  subtractAmounts,
  textFromAmount,
} from '../../src/logic/amount.ts'

const codeFrom = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'done'
}

const amount = fc.bigInt({ min: 0n, max: AMOUNT_MAX })

describe('checked amounts', () => {
  test('the edges of 128 bits pass and their neighbours do not', () => {
    expect(checkedAmount(0n)).toBe(0n)
    expect(checkedAmount(AMOUNT_MAX)).toBe(2n ** 128n - 1n)
    expect(codeFrom(() => checkedAmount(-1n))).toBe('amount/negative')
    expect(codeFrom(() => checkedAmount(AMOUNT_MAX + 1n))).toBe('amount/too-large')
    expect(codeFrom(() => positiveAmount(0n))).toBe('amount/zero')
    expect(positiveAmount(1n)).toBe(1n)
  })

  test('a number is no amount, whole or not, and the fault names the party', () => {
    for (const value of [4.2, 5, NaN, '5', null, undefined, {}]) {
      const fault: unknown = faultFrom((): unknown =>
        Reflect.apply(checkedAmount, undefined, [value, { party: 'alice' }]),
      )
      expect(fault).toBeInstanceOf(Fault)
      expect(fault).toMatchObject({ code: 'amount/not-whole', place: { party: 'alice' } })
    }
  })

  test('sums and differences agree with plain arithmetic or are refused', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        if (a + b <= AMOUNT_MAX) expect(addAmounts(a, b)).toBe(a + b)
        else expect(codeFrom(() => addAmounts(a, b))).toBe('amount/too-large')
        if (a >= b) expect(subtractAmounts(a, b)).toBe(a - b)
        else expect(codeFrom(() => subtractAmounts(a, b))).toBe('amount/negative')
      }),
    )
    expect(codeFrom(() => addAmounts(AMOUNT_MAX, 1n))).toBe('amount/too-large')
    expect(addAmounts(AMOUNT_MAX, 0n)).toBe(AMOUNT_MAX)
    // Two wrong operands must not cancel out.
    expect(codeFrom(() => addAmounts(-1n, 2n))).toBe('amount/negative')
    expect(codeFrom(() => subtractAmounts(1n, -1n))).toBe('amount/negative')
  })
})

test('D1: near zero and near the top every pair adds and subtracts as plain numbers do, or is refused', () => {
  // All that eight bits count, and as many below the largest amount.
  const few = Array.from({ length: 16 }, (_, at) => BigInt(at))
  const low = Array.from({ length: 256 }, (_, at) => BigInt(at))
  const edges = [...low, ...low.map((one) => AMOUNT_MAX - one)]
  for (const a of edges) {
    for (const b of [...few, 128n, 255n, AMOUNT_MAX - 255n, AMOUNT_MAX - 1n, AMOUNT_MAX]) {
      const [sum, difference] = [a + b, a - b]
      const [added, taken] = [
        faultFrom(() => addAmounts(a, b)),
        faultFrom(() => subtractAmounts(a, b)),
      ]
      if (sum > AMOUNT_MAX ? !isFault(added) : added !== sum) expect([a, b, added]).toBe('the sum')
      if (difference < 0n ? !isFault(taken) : taken !== difference) {
        expect([a, b, taken]).toBe('the difference')
      }
    }
  }
})

describe('amounts as text', () => {
  test('digits and one point have the meaning that people give them', () => {
    expect(amountFromText('4.2', 2)).toBe(420n)
    expect(amountFromText('4.20', 2)).toBe(420n)
    expect(amountFromText('4', 2)).toBe(400n)
    expect(amountFromText('0', 2)).toBe(0n)
    expect(amountFromText('0.01', 2)).toBe(1n)
    expect(amountFromText(AMOUNT_MAX.toString(), 0)).toBe(AMOUNT_MAX)
    expect(textFromAmount(420n, 2)).toBe('4.20')
    expect(textFromAmount(1n, 2)).toBe('0.01')
    expect(textFromAmount(7n, 0)).toBe('7')
    expect(textFromAmount(AMOUNT_MAX, 38)).toHaveLength(40)
  })

  test('whatever is written can be read back, with any number of decimals', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 38 }), (value, decimals) => {
        expect(amountFromText(textFromAmount(value, decimals), decimals)).toBe(value)
      }),
    )
  })

  test.each([
    ['', 'amount/malformed'],
    [' ', 'amount/malformed'],
    [' 12', 'amount/malformed'],
    ['12 ', 'amount/malformed'],
    ['12\n', 'amount/malformed'],
    ['+1', 'amount/malformed'],
    ['-1', 'amount/negative'],
    ['-0', 'amount/negative'],
    ['--1', 'amount/malformed'],
    ['01', 'amount/malformed'],
    ['00', 'amount/malformed'],
    ['.5', 'amount/malformed'],
    ['5.', 'amount/malformed'],
    ['1.2.3', 'amount/malformed'],
    ['1,5', 'amount/malformed'],
    ['1_000', 'amount/malformed'],
    ['1 000', 'amount/malformed'],
    ['1e3', 'amount/malformed'],
    ['1E3', 'amount/malformed'],
    ['0x10', 'amount/malformed'],
    ['0b11', 'amount/malformed'],
    ['10n', 'amount/malformed'],
    ['Infinity', 'amount/malformed'],
    ['NaN', 'amount/malformed'],
    ['١٢', 'amount/malformed'],
    ['１２', 'amount/malformed'],
    ['12\u202e', 'amount/malformed'],
    ['1.234', 'amount/too-precise'],
    ['1.200', 'amount/too-precise'],
    ['9'.repeat(40), 'amount/too-large'],
    ['9'.repeat(41), 'amount/malformed'],
  ])('%j is refused', (spelling, code) => {
    expect(codeFrom(() => amountFromText(spelling, 2))).toBe(code)
  })

  test('one unit above the largest amount is too large, with and without decimals', () => {
    expect(codeFrom(() => amountFromText((AMOUNT_MAX + 1n).toString(), 0))).toBe('amount/too-large')
    const whole = AMOUNT_MAX / 100n + 1n
    expect(codeFrom(() => amountFromText(whole.toString(), 2))).toBe('amount/too-large')
  })

  test('no text but the accepted spelling is ever read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (spelling) => {
        const read = faultFrom(() => amountFromText(spelling, 2))
        expect(isFault(read)).toBe(!/^(0|[1-9][0-9]*)(\.[0-9]{1,2})?$/.test(spelling))
      }),
      { numRuns: 500 },
    )
  })

  test('a fault never repeats characters that could rewrite a line', () => {
    const fault: unknown = faultFrom((): unknown => amountFromText('1\u001b[2K\u202e', 2))
    expect(isFault(fault) && fault.message).toBe('"1?[2K?" is no amount')
  })

  test('decimals end where 128 bits end', () => {
    expect(codeFrom(() => checkDecimals(38, {}))).toBe('done')
    for (const decimals of [39, -1, 1.5, NaN]) {
      expect(codeFrom(() => checkDecimals(decimals, {}))).toBe('amount/too-precise')
      expect(codeFrom(() => amountFromText('1', decimals))).toBe('amount/too-precise')
      expect(codeFrom(() => textFromAmount(1n, decimals))).toBe('amount/too-precise')
    }
  })
})
