import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { GUARDIANS_MAX } from '../../src/base/limits.ts'
import {
  gatherShares,
  type GuardianShare,
  SHARE_VALUE_BYTES,
  shareFromText,
  sharesFrom,
  textFromShare,
} from '../../src/forms/guardian-share.ts'
import type { IdentityId } from '../../src/kernel/key-event.ts'
import { anId } from '../kernel/sample.ts'

const ann: IdentityId = anId('ann')
const valueOf = (fill: number): Uint8Array => new Uint8Array(SHARE_VALUE_BYTES).fill(fill)
const setOf = (first: number, count = 5, threshold = 3, of = ann): readonly GuardianShare[] =>
  sharesFrom(
    of,
    threshold,
    Array.from({ length: count }, (_, at) => valueOf(first + at)),
  )
const set = setOf(1)
const one = (position: number, of = set): GuardianShare => {
  const found = of[position]
  if (!found) throw new Error('no such share')
  return found
}

const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? `${result.code} ${result.place.part ?? ''}`.trim() : 'accepted'
}

describe('a share as a text', () => {
  test('is read back as it was, in any groups, lines and case', () => {
    for (const share of set) {
      const text = textFromShare(share)
      expect(text).toMatch(/^TLYG1( [A-Z2-7]{5})+( [A-Z2-7]{1,4})?$/)
      expect(shareFromText(text)).toEqual(share)
      expect(shareFromText(text.replaceAll(' ', '\n').toLowerCase())).toEqual(share)
    }
  })

  test('is refused with any one character changed, left out or doubled', () => {
    const text = textFromShare(one(2)).replaceAll(' ', '')
    for (let at = 5; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A'
      for (const spoiled of [
        text.slice(0, at) + other + text.slice(at + 1),
        text.slice(0, at) + text.slice(at + 1),
        text.slice(0, at) + text.charAt(at) + text.slice(at),
      ]) {
        expect(codeOf(() => shareFromText(spoiled))).toBe('share/damaged')
      }
    }
  })

  test('is told apart from other texts', () => {
    for (const text of ['', 'TLYG2', 'abandon ability', 'TLY1']) {
      expect(codeOf(() => shareFromText(text))).toBe('share/not-a-share')
    }
    expect(codeOf(() => shareFromText('TLYG1'))).toBe('share/damaged')
    expect(codeOf(() => shareFromText(`TLYG1${'A'.repeat(100_000)}`))).toBe('share/damaged')
  })

  test('is of a set of 2 to 16 of which some are enough', () => {
    expect(codeOf(() => setOf(1, 2, 2))).toBe('accepted')
    expect(codeOf(() => setOf(1, GUARDIANS_MAX, GUARDIANS_MAX))).toBe('accepted')
    expect(codeOf(() => setOf(1, 3, 1))).toBe('share/bad-set')
    expect(codeOf(() => setOf(1, 3, 4))).toBe('share/bad-set')
    expect(codeOf(() => setOf(1, GUARDIANS_MAX + 1, 3))).not.toBe('accepted')
    const lies = { ...one(0), threshold: 1 }
    expect(codeOf(() => shareFromText(textFromShare(lies)))).toBe('share/bad-set')
  })
})

describe('shares that are gathered', () => {
  const gather = (...shares: readonly GuardianShare[]): string =>
    codeOf(() => gatherShares(ann, shares))

  test('are enough from the threshold on, whichever they are', () => {
    expect(gather(one(4), one(0), one(2))).toBe('accepted')
    expect(gatherShares(ann, [one(4), one(0), one(2)])).toEqual([one(0), one(2), one(4)])
    expect(gather(...set)).toBe('accepted')
    expect(gather(one(0), one(1))).toBe('share/too-few')
    expect(gather()).toBe('share/too-few')
  })

  test('are named where one stands twice, or is of another identity or set', () => {
    expect(gather(one(0), one(1), one(1))).toBe('share/twice share 2')
    const bobs = setOf(1, 5, 3, anId('bob'))
    expect(gather(one(0), one(3, bobs), one(2))).toBe('share/other-identity share 4')
    const older = setOf(50)
    expect(gather(one(3, older), one(0), one(2))).toBe('share/other-set share 4')
    const fewer = setOf(1, 5, 2)
    expect(gather(one(0), one(1), one(2, fewer))).toBe('share/other-set share 3')
  })

  test('are named where a guardian has changed its own and made the check fit', () => {
    const changed = shareFromText(textFromShare({ ...one(2), value: valueOf(99) }))
    expect(gather(one(0), one(1), changed)).toBe('share/altered share 3')
    const digests = setOf(1).map((share, at) => (at === 2 ? setOf(97).at(2) : share)?.digests[at])
    const fitted = { ...changed, digests: digests.flatMap((each) => (each ? [each] : [])) }
    expect(gather(one(0), one(1), fitted)).toBe('share/other-set share 3')
    expect(gather(one(0), one(1), { ...one(2), position: 3 })).toBe('share/altered share 4')
    expect(gather(one(0), one(1), { ...one(2), position: 9 })).toBe('share/altered share 10')
  })
})
