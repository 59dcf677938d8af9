import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import {
  evaluate,
  type Expression,
  isExpression,
  readExpression,
} from '../../../src/logic/expression/expression.ts'
import type { Value } from '../../../src/logic/expression/value.ts'

const SCOPE = new Set(['context', 'event'])
const GUARD =
  'event.sender in context.players && context.players[context.turn] == event.sender ' +
  '&& context.count + 1 <= context.target && event.now < context.deadline'

const read = (source: string): Expression => {
  const expression = readExpression(source, SCOPE)
  if (isFault(expression)) throw expression
  return expression
}

const variables = {
  context: { players: ['alice', 'bob'], turn: 1, count: 4, target: 5, deadline: 100 },
  event: { sender: 'bob', now: 99 },
}

const run = (expression: Expression, changed: { readonly [name: string]: Value } = {}): Value =>
  evaluate(expression, {
    variables: { ...variables, context: { ...variables.context, ...changed } },
    gas: { used: 0, limit: 1000 },
    verifies: () => false,
  })

describe('an expression', () => {
  test('is read once and evaluated over other values', () => {
    const guard = read(GUARD)
    expect(run(guard)).toBe(true)
    expect(run(guard, { turn: 0 })).toBe(false)
    expect(run(guard, { count: 5 })).toBe(false)
    expect(run(guard, { deadline: 99 })).toBe(false)
    expect(run(guard, { players: ['alice'] })).toBe(false)
  })

  test('is refused as a value, with the place', () => {
    const refused = readExpression('context.a = 1', SCOPE)
    expect(isExpression(refused)).toBe(false)
    expect(refused).toMatchObject({
      code: 'expression/malformed',
      message: 'at 10: the sign "=" begins nothing; write == to compare',
    })
  })

  test('gives what is wanted of it, or what nothing is known about', () => {
    expect(isExpression(readExpression('context.open', SCOPE, 'bool'))).toBe(true)
    expect(isExpression(readExpression('1 < 2', SCOPE, 'bool'))).toBe(true)
    expect(readExpression('1 + context.count', SCOPE, 'bool')).toMatchObject({
      code: 'expression/wrong-type',
      message: 'at 2: this gives int, where a bool is wanted',
    })
  })

  test('takes its gas from what the input has left', () => {
    const gas = { used: 0, limit: 60 }
    const guard = read(GUARD)
    const surroundings = { variables, gas, verifies: () => false }
    evaluate(guard, surroundings)
    const once = gas.used
    evaluate(guard, surroundings)
    expect(gas.used).toBe(2 * once)
    expect(() => evaluate(guard, surroundings)).toThrow(
      expect.objectContaining({ code: 'expression/out-of-gas' }),
    )
  })

  test('fails with its place where a part does', () => {
    expect(() => run(read('context.count / (context.count - 4)'))).toThrow(
      expect.objectContaining({
        code: 'expression/divided-by-zero',
        message: 'at 14: a division by 0',
      }),
    )
    expect(() =>
      evaluate(read('event.now'), {
        variables: { context: {} },
        gas: { used: 0, limit: 9 },
        verifies: () => false,
      }),
    ).toThrow(expect.objectContaining({ code: 'expression/no-such-key' }))
  })
})
