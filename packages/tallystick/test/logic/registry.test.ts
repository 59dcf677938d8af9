import { expect, test } from 'vitest'
import { ledger } from '../../src/logic/ledger.ts'
import { createLogicRegistry, STANDARD_LOGICS } from '../../src/logic/registry.ts'

test('every standard logic is found under its own versioned name', () => {
  for (const [name, logic] of STANDARD_LOGICS) {
    expect(logic.name).toBe(name)
    expect(name).toMatch(/^[a-z]+\/[1-9][0-9]*$/)
  }
  expect(STANDARD_LOGICS.get('ledger/1')).toBe(ledger)
})

test('two logics of one name are refused', () => {
  expect(() => createLogicRegistry([ledger, { ...ledger }])).toThrow(/ledger\/1/)
})
