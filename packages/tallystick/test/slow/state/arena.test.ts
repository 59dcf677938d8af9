import { describe, expect, test } from 'vitest'
import { faultFrom } from '../../../src/base/fault.ts'
import { STATE_LEAVES_MAX } from '../../../src/base/limits.ts'
import { createTreeArena } from '../../../src/state/arena.ts'

/** A key that is spread well and differs for every number below 2^32. */
const spreadKey = (n: number): Uint8Array => {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setUint32(0, Math.imul(n, 0x9e3779b1))
  return key
}

describe('a full tree arena', () => {
  test('takes new values for its keys, and no key more', () => {
    const arena = createTreeArena('quantum')
    const value = Uint8Array.of(1)
    arena.load(Array.from({ length: STATE_LEAVES_MAX }, (_, n) => [spreadKey(n), value]))
    const root = arena.root()
    const more = (): void => arena.set(spreadKey(STATE_LEAVES_MAX), value)
    expect(faultFrom(more)).toMatchObject({ code: 'state/too-many-leaves' })
    expect(arena.root()).toBe(root)
    arena.set(spreadKey(7), Uint8Array.of(2))
    expect(arena.root()).not.toBe(root)
    expect(arena.remove(spreadKey(7))).toBe(true)
    more()
    expect(arena.size()).toBe(STATE_LEAVES_MAX)
  })
})
