import { describe, expect, test } from 'vitest'
import { stepOwnerIn } from '../../src/cli/step-owner.ts'
import { machineId } from '../../src/kernel/charter.ts'
import { charter, dealFile } from './deal.ts'

const file = dealFile(1)
const ownerOf = stepOwnerIn(file)
const machine = machineId(charter)

describe('whose step it is', () => {
  test('follows from the turn in the charter', () => {
    expect([1n, 2n, 3n].map((step) => ownerOf(machine, step))).toEqual(['alice', 'bob', 'alice'])
    expect(ownerOf(machine, 0n)).toBe(undefined)
  })

  test('is said of the only machine in a file, whatever a damaged step calls it', () => {
    expect(ownerOf('00', 1n)).toBe('alice')
  })

  test('is not said where the file cannot be read', () => {
    expect(stepOwnerIn(file.subarray(0, 100))(machine, 1n)).toBe(undefined)
  })
})
