import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { VICTIMS_MAX } from '../../src/base/limits.ts'
import { convict } from '../../src/kernel/evidence.ts'
import { type Abort, commitVote } from '../../src/kernel/statement.ts'
import { ledgerOperation } from '../../src/logic/ledger-operation.ts'
import { sharesOf, slashOn, victimsOf } from '../../src/logic/ledger-slash.ts'
import { ASSET, at, B, engine, R, X } from './books.ts'
import { evidenceOf, forkedInto, sends } from './forked.ts'

const {
  evidence: held,
  heads,
  owed,
} = forkedInto(sends([at(B, 'bob'), 60n], [at(R, 'bob'), 10n]), sends([at(R, 'carol'), 50n]))

describe('who can be paid', () => {
  test('is everybody to whom one of the two steps sent something, in one order', () => {
    const { listed, leftOut } = victimsOf(ASSET, held, owed)
    expect(leftOut).toEqual([])
    expect(listed).toHaveLength(3)
    expect(new Set(listed.map(({ out }) => out.amount))).toEqual(new Set([10n, 50n, 60n]))
    for (const mixed of [owed.toReversed(), [...owed, ...owed]]) {
      expect(victimsOf(ASSET, held, mixed).listed).toEqual(listed)
    }
    const operation = slashOn(ASSET, { at: X, evidence: held, victims: listed })
    expect(ledgerOperation.decode(operation.argument)).toMatchObject({ is: 'slash', at: X })
  })

  test('is nobody of a step that the evidence does not show', () => {
    const other = forkedInto(sends([at(B, 'bob'), 1n]), sends([at(B, 'bob'), 2n]))
    const { listed, leftOut } = victimsOf(ASSET, held, [...owed, ...other.owed])
    expect(listed).toHaveLength(3)
    expect(leftOut.map((one) => one.why)).toEqual(['other-step', 'other-step'])
  })

  test('is a list that one operation takes: who was sent less than the others comes last', () => {
    const many = Array.from(
      { length: VICTIMS_MAX },
      (_, n) => [at(B, 'bob'), BigInt(n + 2)] as const,
    )
    const fork = forkedInto(sends([at(R, 'carol'), 1n]), sends(...many))
    const { listed, leftOut } = victimsOf(ASSET, fork.evidence, fork.owed)
    expect(listed).toHaveLength(VICTIMS_MAX)
    expect(leftOut).toMatchObject([{ why: 'too-many', owed: { out: { amount: 1n } } }])
  })
})

describe('a slash that the ledger would refuse', () => {
  const wish = { at: X, evidence: held, victims: victimsOf(ASSET, held, owed).listed }

  test('is refused before anybody is asked to propose it', () => {
    const [first, ...others] = wish.victims
    if (!first) throw new Error('somebody was harmed')
    const raised = (victims: typeof wish.victims): string => {
      try {
        slashOn(ASSET, { ...wish, victims })
      } catch (error) {
        return isFault(error) ? error.code : String(error)
      }
      return 'made'
    }
    expect(raised(wish.victims)).toBe('made')
    expect(raised([])).toBe('ledger/no-victim')
    expect(raised([...others, first])).toBe('ledger/victims-unordered')
    expect(raised([{ ...first, child: 1 - first.child }, ...others])).toBe('ledger/wrong-victim')
    const more = { ...first, out: { ...first.out, amount: first.out.amount + 1n } }
    expect(raised([more, ...others])).toMatch(/^proof\//)
  })

  test('evidence without two steps pays nobody', () => {
    const { machine, parent, sequence } = heads[0]
    const abort: Abort = { is: 'abort', machine, parent, sequence, round: 0 }
    const broken = evidenceOf(abort, commitVote(heads[0], 0))
    expect(isFault(convict(broken, engine))).toBe(false)
    expect(() => victimsOf(ASSET, broken, owed)).toThrow(
      expect.objectContaining({ code: 'ledger/no-fork' }),
    )
  })
})

describe('shares', () => {
  const victims = victimsOf(ASSET, held, owed).listed

  test('are what was sent where the bond covers it, and pro rata where it does not', () => {
    const paid = (bond: bigint) =>
      Object.fromEntries(
        sharesOf(ASSET, { evidence: held, victims, bond }).map(({ out, share }) => [
          `${out.to.holder} ${out.amount}`,
          share,
        ]),
      )
    expect(paid(120n)).toEqual({ 'bob 60': 60n, 'bob 10': 10n, 'carol 50': 50n })
    expect(paid(12n)).toEqual({ 'bob 60': 6n, 'bob 10': 1n, 'carol 50': 5n })
  })
})
