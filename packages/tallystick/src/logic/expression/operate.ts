/**
 * Operators on values that are already there.
 *
 * Promise. Whatever succeeds gives what CEL gives with 64 bits. Sums and products beyond ±(2^53 − 1) fail: up to there the
 * runtime's arithmetic is exact, and an exact result beyond is never rounded to one within. Division drops the remainder,
 * whose sign is that of the dividend.
 */
import { EXPRESSION_ITEMS_MAX, EXPRESSION_TEXT_MAX } from '../../base/limits.ts'
import { equalValues } from './equal.ts'
import { fail, type Frame, type Result, spend, spendFor } from './run.ts'
import type { Operator } from './syntax.ts'
import { compareTexts, fieldOf, isList, isMap, kindOf, type Value } from './value.ts'

/** An operator's work; `at` is its place in the source. */
export type Operate = (frame: Frame, left: Value, right: Value, at: number) => Result

export const OPERATIONS: Readonly<Record<Operator, Operate>> = {
  '==': (frame, left, right, at) => equal(frame, left, right, at),
  '!=': (frame, left, right, at) => {
    const same = equal(frame, left, right, at)
    return same === undefined ? undefined : !same
  },
  '<': (frame, left, right, at) => {
    const order = orderOf(frame, left, right, at)
    return order === undefined ? undefined : order < 0
  },
  '<=': (frame, left, right, at) => {
    const order = orderOf(frame, left, right, at)
    return order === undefined ? undefined : order <= 0
  },
  '>': (frame, left, right, at) => {
    const order = orderOf(frame, left, right, at)
    return order === undefined ? undefined : order > 0
  },
  '>=': (frame, left, right, at) => {
    const order = orderOf(frame, left, right, at)
    return order === undefined ? undefined : order >= 0
  },
  in: (frame, left, right, at) => {
    if (isMap(right)) return typeof left === 'string' && fieldOf(right, left) !== undefined
    if (!isList(right)) return unfit(frame, at, 'in takes a list or a map on its right', right)
    for (const item of right) {
      spend(frame.gas, 1)
      const same = equal(frame, left, item, at)
      if (same !== false) return same
    }
    return false
  },
  '+': (frame, left, right, at) => {
    if (typeof left === 'number' && typeof right === 'number') {
      return exact(frame, left + right, at)
    }
    if (typeof left === 'string' && typeof right === 'string') {
      const size = left.length + right.length
      if (size > EXPRESSION_TEXT_MAX) return tooLarge(frame, at, `a text of ${size} characters`)
      spendFor(frame.gas, size)
      return left + right
    }
    if (isList(left) && isList(right)) {
      const size = left.length + right.length
      if (size > EXPRESSION_ITEMS_MAX) return tooLarge(frame, at, `a list of ${size} items`)
      spendFor(frame.gas, size)
      return [...left, ...right]
    }
    return unfit(frame, at, '+ takes two ints, two strings or two lists', left, right)
  },
  '-': (frame, left, right, at) =>
    typeof left === 'number' && typeof right === 'number'
      ? exact(frame, left - right, at)
      : unfit(frame, at, '- takes two ints', left, right),
  '*': (frame, left, right, at) =>
    typeof left === 'number' && typeof right === 'number'
      ? exact(frame, left * right, at)
      : unfit(frame, at, '* takes two ints', left, right),
  '/': (frame, left, right, at) => {
    if (typeof left !== 'number' || typeof right !== 'number') {
      return unfit(frame, at, '/ takes two ints', left, right)
    }
    if (right === 0) return byZero(frame, at)
    // What is divided is a multiple of the divisor, so the quotient is whole and nothing is rounded.
    return exact(frame, (left - (left % right)) / right, at)
  },
  '%': (frame, left, right, at) => {
    if (typeof left !== 'number' || typeof right !== 'number') {
      return unfit(frame, at, '% takes two ints', left, right)
    }
    return right === 0 ? byZero(frame, at) : exact(frame, left % right, at)
  },
}

export const negated = (frame: Frame, value: Value, at: number): Result =>
  typeof value === 'number' ? exact(frame, -value, at) : unfit(frame, at, '- takes an int', value)

const equal = (frame: Frame, left: Value, right: Value, at: number): boolean | undefined => {
  const same = equalValues(frame.gas, left, right)
  if (same !== undefined) return same
  return fail(frame, { code: 'expression/too-deep', at, why: 'the values go too deep to compare' })
}

const orderOf = (frame: Frame, left: Value, right: Value, at: number): number | undefined => {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left !== 'string' || typeof right !== 'string') {
    return unfit(frame, at, 'only two ints or two strings have an order', left, right)
  }
  spendFor(frame.gas, Math.min(left.length, right.length))
  return compareTexts(left, right)
}

/** Adding 0 turns −0, which other runtimes of the language do not know, into 0. */
const exact = (frame: Frame, value: number, at: number): Result => {
  if (Number.isSafeInteger(value)) return value + 0
  return fail(frame, { code: 'expression/out-of-range', at, why: 'a result beyond ±(2^53 − 1)' })
}

const byZero = (frame: Frame, at: number): undefined =>
  fail(frame, { code: 'expression/divided-by-zero', at, why: 'a division by 0' })

const tooLarge = (frame: Frame, at: number, what: string): undefined =>
  fail(frame, { code: 'expression/too-large', at, why: `${what} is more than may be made` })

/** Fails for what is of the wrong kind; says what is wanted and what came. */
export const unfit = (
  frame: Frame,
  at: number,
  wanted: string,
  ...given: readonly Value[]
): undefined =>
  fail(frame, {
    code: 'expression/wrong-type',
    at,
    why: `${wanted}, not ${given.map(kindOf).join(' and ')}`,
  })
