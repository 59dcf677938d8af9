import { describe, expect, test } from 'vitest'
import { bytesFromId, idFromHex } from '../../src/base/brand.ts'
import { auditOf } from '../../src/logic/ledger-audit.ts'
import type { LockId } from '../../src/logic/ledger-record.ts'
import { outcome } from '../../src/logic/outcome.ts'
import { ASSET, codeOf, R, type Step, take, taken, X } from './books.ts'
import { conserved, does, funded, held, refusedUnless } from './funded.ts'

describe('lock and release', () => {
  const id: LockId = idFromHex('7'.repeat(64))
  const lock = (amount: bigint, to = 'carol'): Step => ({
    write: [R],
    refer: [X],
    operations: does({
      is: 'lock',
      machine: R,
      id,
      from: 'bob',
      to,
      amount,
      unlocker: { machine: R, logic: 3 },
    }),
    by: ['bob'],
  })

  test('locked money has left the balance, and stays until somebody decides', () => {
    const books = taken(funded, lock(20n))
    expect(held(books, R, 'bob')).toBe(10n)
    expect(auditOf(ASSET, [...books.machines.values()])).toMatchObject({ locked: 20n })
    expect(conserved(books)).toBe(true)
    const release = does({ is: 'release', machine: R, id })
    const step = { write: [R], refer: [X], operations: release, by: ['bob', 'carol'] }
    expect(codeOf(take(books, step))).toBe('ledger/undecided')
    expect(codeOf(take(funded, step))).toBe('ledger/unknown-lock')
  })

  test('locking needs the holder’s word and money, a payee who is there, and a new id', () => {
    refusedUnless(funded, { ...lock(1n), by: ['carol'] }, 'ledger/no-consent', { by: ['bob'] })
    refusedUnless(funded, lock(31n), 'ledger/insufficient', lock(30n))
    refusedUnless(funded, lock(1n, 'dave'), 'ledger/unknown-holder', lock(1n))
    refusedUnless(funded, lock(1n, 'bob'), 'ledger/same-account', lock(1n))
    const books = taken(funded, lock(1n))
    expect(codeOf(take(books, lock(1n)))).toBe('ledger/lock-exists')
  })

  const decided = (toPayee: bigint, toPayer: bigint): Step['operations'][number] => ({
    machine: R,
    logic: 1,
    argument: Uint8Array.of(...bytesFromId(id), ...outcome.encode({ toPayee, toPayer })),
  })
  const byReckless = (amount: bigint): Step => ({
    ...lock(amount),
    operations: does({
      is: 'lock',
      machine: R,
      id,
      from: 'bob',
      to: 'carol',
      amount,
      unlocker: { machine: R, logic: 1 },
    }),
  })
  const release = does({ is: 'release', machine: R, id })
  const settle = (toPayee: bigint, toPayer: bigint): Step => ({
    write: [R],
    refer: [X],
    operations: [decided(toPayee, toPayer), ...release],
  })

  test.each([
    [20n, 0n],
    [0n, 20n],
    [7n, 13n],
  ])('%s to the payee and %s back are paid out once', (toPayee, toPayer) => {
    const books = taken(taken(funded, byReckless(20n)), settle(toPayee, toPayer))
    expect([held(books, R, 'bob'), held(books, R, 'carol')]).toEqual([10n + toPayer, 30n + toPayee])
    expect(conserved(books)).toBe(true)
    const again = { write: [R], refer: [X], operations: release }
    expect(codeOf(take(books, again))).toBe('ledger/unknown-lock')
  })

  test('a decision that does not add up moves nothing', () => {
    const books = taken(funded, byReckless(20n))
    for (const [toPayee, toPayer] of [
      [20n, 1n],
      [19n, 0n],
      [0n, 0n],
      [21n, 0n],
      [2n ** 128n - 1n, 21n],
    ] as const) {
      expect(codeOf(take(books, settle(toPayee, toPayer)))).toBe('ledger/wrong-split')
    }
    const garbled = { machine: R, logic: 1, argument: Uint8Array.of(...bytesFromId(id), 1) }
    const step = { ...settle(20n, 0n), operations: [garbled, ...release] }
    expect(codeOf(take(books, step))).toBe('codec/truncated')
    expect(codeOf(take(books, settle(20n, 0n)))).toBe('done')
  })

  test('a lock that is decided before it is made is refused, so an old decision never moves new money', () => {
    const paid = taken(taken(funded, byReckless(20n)), settle(0n, 20n))
    expect(codeOf(take(paid, byReckless(20n)))).toBe('ledger/lock-decided')
    expect(codeOf(take(paid, lock(20n)))).toBe('done')
  })

  test('only the unlocker that the lock names is listened to', () => {
    const books = taken(funded, lock(20n))
    expect(codeOf(take(books, settle(20n, 0n)))).toBe('ledger/undecided')
  })
})
