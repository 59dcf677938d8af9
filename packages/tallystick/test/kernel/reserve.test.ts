import { describe, expect, test } from 'vitest'
import { faultFrom } from '../../src/base/fault.ts'
import { KEYS_MAX } from '../../src/base/limits.ts'
import {
  checkReserve,
  checkReveal,
  nextKeyId,
  reserve,
  type Reserve,
  soleReserve,
} from '../../src/kernel/reserve.ts'
import { createIdentities } from './identity-sample.ts'
import { engine } from './sample.ts'

const { controllerOf, keyOf, reserveFrom } = createIdentities(engine)
const of = reserveFrom({ keys: ['a', 'b', ['c', 2]], threshold: 2 })

describe('a reserve', () => {
  test('is read back as it was, and holds hashes only', () => {
    const bytes = reserve.encode(of)
    expect(reserve.decode(bytes)).toEqual(of)
    expect(bytes.length).toBe(4 + 3 * 36 + 4)
    expect(of.keys[0]?.id).toBe(nextKeyId('classic', keyOf('a')))
  })

  test('is refused without a quorum in reach, or with a key twice', () => {
    const codeOf = (change: Partial<Reserve>): string =>
      checkReserve({ ...of, ...change })?.code ?? 'accepted'
    expect(codeOf({})).toBe('accepted')
    expect(codeOf({ threshold: 4 })).toBe('accepted')
    expect(codeOf({ threshold: 5 })).toBe('reserve/no-quorum')
    expect(codeOf({ threshold: 0 })).toBe('reserve/no-quorum')
    expect(codeOf({ keys: [] })).toBe('reserve/no-quorum')
    expect(codeOf({ keys: [...of.keys, ...of.keys.slice(0, 1)] })).toBe('reserve/key-twice')
  })

  test('adds up weights near 2^32 without wrapping', () => {
    const most = 2 ** 32 - 1
    const keys = Array.from({ length: KEYS_MAX }, (_, at) => [`key ${at}`, most] as const)
    expect(checkReserve(reserveFrom({ keys, threshold: most }))).toBeUndefined()
    const two = reserveFrom({ keys: keys.slice(0, 2), threshold: 1 })
    // Wrapped to 32 bits the two would weigh 2^32 - 2.
    expect(checkReserve({ ...two, threshold: most })).toBeUndefined()
    const one = { ...soleReserve(nextKeyId('classic', keyOf('a'))), threshold: most }
    expect(checkReserve(one)?.code).toBe('reserve/no-quorum')
    expect(faultFrom(() => reserve.encode({ ...one, threshold: most + 1 }))).toMatchObject({
      code: 'codec/integer-out-of-range',
    })
    const tooMany = reserveFrom({ keys: [...keys, 'one more'], threshold: 1 })
    expect(faultFrom(() => reserve.encode(tooMany))).toMatchObject({ code: 'codec/too-long' })
  })
})

describe('what is revealed of a reserve', () => {
  const codeOf = (...args: Parameters<typeof controllerOf>): string =>
    checkReveal('classic', of, controllerOf(...args))?.code ?? 'accepted'

  test('is all of it or a part, with the promised weights and threshold', () => {
    expect(codeOf({ keys: ['a', 'b', ['c', 2]], threshold: 2 })).toBe('accepted')
    expect(codeOf({ keys: [['c', 2]], threshold: 2 })).toBe('accepted')
    expect(codeOf({ keys: [['c', 2]], threshold: 1 })).toBe('reserve/not-committed')
    expect(codeOf({ keys: [['c', 3]], threshold: 2 })).toBe('reserve/not-committed')
    expect(codeOf({ keys: ['a', 'd'], threshold: 2 })).toBe('reserve/not-committed')
  })

  test('is told apart by suite', () => {
    expect(checkReveal('evm', of, controllerOf({ keys: ['a'], threshold: 2 }))?.code).toBe(
      'reserve/not-committed',
    )
  })
})
