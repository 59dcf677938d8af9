import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFromHex, isFault } from 'tallystick/base'
import { type IdentityId, shareFromText, textFromShare } from 'tallystick/kernel'
import { combineShares, splitSecret } from '../../src/identity/guardians.ts'

const identity: IdentityId = idFromHex('11'.repeat(32))
const secret = Uint8Array.from({ length: 32 }, (_, at) => at * 7)

const codeOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run()
    return 'accepted'
  } catch (error) {
    if (isFault(error)) return `${error.code} ${error.place.part ?? ''}`.trim()
    throw error
  }
}

describe('a secret split among guardians', () => {
  test('comes back from any that are enough, as texts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer(),
        async (any, threshold, more, order) => {
          const shares = Math.min(16, threshold + more)
          const parts = await splitSecret(any, { identity, shares, threshold })
          const some = parts
            .map((one, at) => ({ one, by: Math.sin(order + at) }))
            .sort((a, b) => a.by - b.by)
            .slice(0, threshold)
            .map(({ one }) => shareFromText(textFromShare(one)))
          expect(await combineShares(identity, some)).toEqual(any)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('does not come back from fewer, twice the same, or a stranger’s', async () => {
    const parts = await splitSecret(secret, { identity, shares: 5, threshold: 3 })
    const others = await splitSecret(secret, { identity, shares: 5, threshold: 3 })
    const [a, b, c] = parts
    const [, , stranger] = others
    if (!a || !b || !c || !stranger) throw new Error('five shares')
    expect(await codeOf(() => combineShares(identity, [a, b]))).toBe('share/too-few')
    expect(await codeOf(() => combineShares(identity, [a, b, b]))).toBe('share/twice share 2')
    expect(await codeOf(() => combineShares(identity, [a, b, stranger]))).toBe(
      'share/other-set share 3',
    )
    expect(await codeOf(() => combineShares(idFromHex('22'.repeat(32)), parts))).toBe(
      'share/other-identity share 1',
    )
    expect(await codeOf(() => combineShares(identity, [a, b, c]))).toBe('accepted')
  })

  test('is split into sets that there are', async () => {
    for (const [shares, threshold] of [
      [1, 1],
      [3, 1],
      [2, 3],
      [17, 3],
      [256, 3],
    ] as const) {
      expect(await codeOf(() => splitSecret(secret, { identity, shares, threshold }))).not.toBe(
        'accepted',
      )
    }
    await expect(
      splitSecret(new Uint8Array(16), { identity, shares: 3, threshold: 2 }),
    ).rejects.toThrow('16 bytes')
  })
})
