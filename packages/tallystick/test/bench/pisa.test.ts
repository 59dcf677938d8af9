import { expect, test } from 'vitest'
import { benchPisa } from '../../src/bench/pisa.ts'

test('logics are measured by instructions and by transfers', () => {
  const figures = benchPisa({ rounds: 1, warmUp: 0 })
  expect(figures.map(({ name, unit }) => [name, unit])).toEqual([
    ['instructions, a loop of u64', '1/s'],
    ['for one of them', 'ns'],
    ['instructions, a loop of u256', '1/s'],
    ['instructions, a loop of calls', '1/s'],
    ['transfers of a token ledger, state in memory', '1/s'],
  ])
  expect(figures.every(({ median }) => Number.isFinite(median) && median > 0)).toBe(true)
})
