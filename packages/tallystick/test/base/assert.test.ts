import { describe, expect, test } from 'vitest'
import { assert } from '../../src/base/assert.ts'

describe('assert', () => {
  test('passes what holds and throws what does not, with the reason', () => {
    expect(() => assert(true, 'one is one')).not.toThrow()
    expect(() => assert(false, 'one is two')).toThrow('assertion failed: one is two')
  })
})
