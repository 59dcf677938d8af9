import { describe, expect, test } from 'vitest'
import { Fault, faultFrom, isFault } from '../../src/base/fault.ts'

describe('a fault', () => {
  test('carries its code, message, place and the way to its paragraph', () => {
    const fault = new Fault('step/late', 'step 4 came after step 5', { step: 4n, party: 'alice' })
    expect(fault).toBeInstanceOf(Error)
    expect(isFault(fault)).toBe(true)
    expect(fault.code).toBe('step/late')
    expect(fault.message).toBe('step 4 came after step 5')
    expect(fault.place).toEqual({ step: 4n, party: 'alice' })
    expect(fault.docs).toContain('docs/faults.md#')
  })

  test('learns more of its place on the way up, and keeps what it knew', () => {
    const inner = new Fault('step/late', 'late', { step: 4 })
    const outer = inner.at({ step: 9, machine: 'm' })
    expect(outer.place).toEqual({ step: 4, machine: 'm' })
    expect([outer.code, outer.message]).toEqual([inner.code, inner.message])
    expect(inner.place).toEqual({ step: 4 })
  })
})

describe('faultFrom', () => {
  test('returns the value or the fault', () => {
    const fault = new Fault('step/late', 'late')
    const raise = (): number => {
      throw fault
    }
    expect(faultFrom(() => 7)).toBe(7)
    expect(faultFrom(raise)).toBe(fault)
  })

  test('lets our own mistakes through', () => {
    const raise = (): number => {
      throw new TypeError('ours')
    }
    expect(() => faultFrom(raise)).toThrow(TypeError)
    expect(isFault(new TypeError('ours'))).toBe(false)
  })
})
