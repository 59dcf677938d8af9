import { describe, expect, test } from 'vitest'
import {
  fail,
  faultFromFailure,
  type Frame,
  type Gas,
  spend,
  spendFor,
} from '../../../src/logic/expression/run.ts'

describe('gas', () => {
  test('is spent to its last unit and no further', () => {
    const gas: Gas = { used: 0, limit: 10 }
    spend(gas, 9)
    spend(gas, 1)
    expect(gas.used).toBe(10)
    expect(() => {
      spend(gas, 1)
    }).toThrow(expect.objectContaining({ code: 'expression/out-of-gas' }))
  })

  test('goes over 32 characters for a unit', () => {
    const gas: Gas = { used: 0, limit: 10 }
    spendFor(gas, 31)
    expect(gas.used).toBe(0)
    spendFor(gas, 64)
    expect(gas.used).toBe(2)
  })
})

test('a failure is nothing, with its reason in the frame', () => {
  const frame: Frame = {
    gas: { used: 0, limit: 1 },
    verifies: () => false,
    values: [],
    failure: undefined,
  }
  expect(fail(frame, { code: 'expression/no-hex', at: 3, why: 'odd' })).toBe(undefined)
  expect(frame.failure && faultFromFailure(frame.failure)).toMatchObject({
    code: 'expression/no-hex',
    message: 'at 3: odd',
  })
})
