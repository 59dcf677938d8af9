import { expect, test } from 'vitest'
import {
  EXTRA_FUEL,
  EXTRA_FUEL_WORDS,
  OPCODE_BY_CODE,
  OPCODE_BY_NAME,
  OPCODES,
} from '../../../../src/dialects/moi/pisa/opcodes.ts'
import { STEP_RUNS } from '../../../../src/dialects/moi/pisa/steps.ts'

test('each instruction has a name, a code and an action of its own', () => {
  expect(new Set(OPCODES.map(({ name }) => name)).size).toBe(OPCODES.length)
  expect(new Set(OPCODES.map(({ code }) => code)).size).toBe(OPCODES.length)
  expect(OPCODES.map(({ name }) => name).toSorted()).toEqual(Object.keys(STEP_RUNS).toSorted())
})

test('none is free, and operands are of the kinds that there are', () => {
  for (const { fuel, operands } of OPCODES) {
    expect(fuel).toBeGreaterThan(0)
    expect(operands).toMatch(/^[$&#]{0,4}\??$/)
  }
  for (const [name, fuel] of Object.entries(EXTRA_FUEL)) {
    expect(fuel).toBeGreaterThan(0)
    expect(EXTRA_FUEL_WORDS[name as keyof typeof EXTRA_FUEL]).not.toBe('')
  }
})

test('only published ones are found by their code', () => {
  expect(OPCODE_BY_NAME.size).toBe(OPCODES.length)
  for (const opcode of OPCODES) expect(OPCODE_BY_CODE.has(opcode.code)).toBe(opcode.published)
})
