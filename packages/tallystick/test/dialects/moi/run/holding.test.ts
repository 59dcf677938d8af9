import { describe, expect, it } from 'vitest'
import { createDraft } from '../../../../src/dialects/moi/run/draft.ts'
import {
  balanceOf,
  credit,
  debit,
  holdingsOf,
  lockupOf,
  lockupsOf,
  mandateOf,
  mandatesOf,
  setLockup,
  setMandate,
} from '../../../../src/dialects/moi/run/holding.ts'
import { U256_MAX } from '../../../../src/dialects/moi/run/record.ts'
import { ada, bob, KMOI } from './town.ts'

const draftOf = () =>
  createDraft({ read: () => undefined, locks: new Map([[ada.id, 'mutate']]), isQuestion: false })

const at = (token = 0n) => ({ account: ada.id, asset: KMOI, token })

describe('a balance', () => {
  it('grows and shrinks by what is credited and debited', () => {
    const draft = draftOf()
    credit(draft, at(), 5n)
    debit(draft, at(), 5n)
    expect(balanceOf(draft.read, at())).toBe(0n)
    expect(() => debit(draft, at(), 1n)).toThrow('insufficient balance: 0 where 1 is needed')
  })

  it('holds 256 bits', () => {
    const draft = draftOf()
    credit(draft, at(), U256_MAX)
    expect(() => credit(draft, at(), 1n)).toThrow('balance overflow')
  })

  it('is listed once, in the order in which things came, even when it is used up', () => {
    const draft = draftOf()
    credit(draft, at(7n), 1n)
    credit(draft, at(), 1n)
    debit(draft, at(7n), 1n)
    credit(draft, at(7n), 1n)
    expect(holdingsOf(draft.read, ada.id).map((one) => one.token)).toEqual([7n, 0n])
  })

  it('of nothing is debited without a trace', () => {
    const draft = draftOf()
    debit(draft, at(), 0n)
    expect(draft.changes()).toEqual([])
  })
})

it('mandates and lockups are listed once, by whom they are for', () => {
  const draft = draftOf()
  for (const amount of [3n, 0n, 4n]) {
    setMandate(draft, at(), bob.id, { amount, expiresAt: 9n })
    setLockup(draft, at(), bob.id, amount)
  }
  expect(mandateOf(draft.read, at(), bob.id)).toEqual({ amount: 4n, expiresAt: 9n })
  expect(lockupOf(draft.read, at(), bob.id)).toBe(4n)
  const place = { asset: KMOI, token: 0n, for: bob.id }
  expect(mandatesOf(draft.read, ada.id)).toEqual([place])
  expect(lockupsOf(draft.read, ada.id)).toEqual([place])
  expect(() => setLockup(draft, at(), bob.id, U256_MAX + 1n)).toThrow('lockup overflow')
})
