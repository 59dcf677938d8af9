import { describe, expect, test } from 'vitest'
import { pathKey } from '../../src/kernel/execute.ts'
import { interactionId } from '../../src/kernel/interaction.ts'
import { auditOf, exposureOf, isBalanced, isConserved } from '../../src/logic/ledger-audit.ts'
import {
  claimOf,
  type LedgerOperation,
  operationOnLedger,
} from '../../src/logic/ledger-operation.ts'
import { ledgerRecord, type Out, recordPath, recordsIn } from '../../src/logic/ledger-record.ts'
import { replace } from '../../src/state/tree.ts'
import {
  A,
  ALICE,
  ASSET,
  at,
  B,
  BOB,
  type Books,
  interactionOf,
  machineIn,
  MINT,
  openBooks,
  PAIR,
  R,
  type Step,
  taken,
  X,
} from './books.ts'

const does = (of: LedgerOperation): Step['operations'] => [operationOnLedger(ASSET, of)]

const funded = taken(openBooks([MINT, ALICE, BOB, PAIR]), {
  write: [X, A],
  operations: does({ is: 'issue', to: at(A, 'alice'), amount: 100n }),
  by: ['mint'],
})

const sendTo = (to: ReturnType<typeof at>, amount: bigint): Step => ({
  write: [A],
  refer: [X],
  operations: does({ is: 'send', from: at(A, 'alice'), to, amount, nonce: 0 }),
  by: ['alice'],
})

const claimIn = (books: Books, sent: Step, from: Books): Step => {
  const interaction = interactionId(interactionOf(from, sent))
  const out = recordsIn(machineIn(books, A), ASSET).find(
    (one): one is Out => one.is === 'out' && one.interaction === interaction,
  )
  if (!out) throw new Error('no such send')
  const { operation, premise } = claimOf({
    asset: ASSET,
    source: A,
    suite: 'classic',
    transition: machineIn(books, A).headId,
    out,
  })
  return { write: [out.to.machine], refer: [X], operations: [operation], premises: [premise] }
}

const all = (books: Books) => auditOf(ASSET, [...books.machines.values()])

describe('the equation', () => {
  test('holds for a machine set that leaves out a destination', () => {
    const sent = sendTo(at(R, 'bob'), 30n)
    const books = taken(funded, sent)
    const after = taken(books, claimIn(books, sent, funded))
    const without = auditOf(ASSET, [machineIn(after, X), machineIn(after, A)])
    expect(without).toMatchObject({ balances: 70n, onTheWay: 30n, unbacked: 0n })
    expect(isConserved(without)).toBe(true)
    expect(isConserved(all(after))).toBe(true)
  })

  test('two claims on two branches of one source show as unbacked, by the amount of the branch not given', () => {
    const [toBob, toCarol] = [sendTo(at(B, 'bob'), 30n), sendTo(at(R, 'carol'), 50n)]
    const one = taken(funded, toBob)
    const two = taken(funded, toCarol)
    // Both receivers were shown a proven fact of their own branch.
    const bob = taken(one, claimIn(one, toBob, funded))
    const carol = taken(two, claimIn(two, toCarol, funded))
    const machines = [machineIn(bob, X), machineIn(bob, A), machineIn(bob, B), machineIn(carol, R)]
    const audit = auditOf(ASSET, machines)
    expect(audit).toMatchObject({ balances: 70n + 30n + 50n, onTheWay: 0n, unbacked: 50n })
    expect([isBalanced(audit), isConserved(audit)]).toEqual([true, false])
    const kept = auditOf(ASSET, machines.with(1, machineIn(carol, A)))
    expect(kept.unbacked).toBe(30n)
  })

  test('an arrival of another amount than was sent is unbacked in full', () => {
    const sent = sendTo(at(R, 'bob'), 30n)
    const books = taken(funded, sent)
    const after = taken(books, claimIn(books, sent, funded))
    const arrived = recordsIn(machineIn(after, R), ASSET).find((one) => one.is === 'in')
    if (arrived?.is !== 'in') throw new Error('no arrival')
    const pair = machineIn(after, R)
    const key = pathKey('classic', ASSET, recordPath(arrived))
    const value = ledgerRecord.encode({ ...arrived, amount: 31n })
    const forged = { ...pair, state: replace(pair.state, [{ key, value }]) }
    const audit = auditOf(ASSET, [machineIn(after, X), machineIn(after, A), forged])
    expect(audit).toMatchObject({ onTheWay: 30n, unbacked: 31n })
  })

  test('fails when value is made or lost', () => {
    const audit = all(funded)
    expect(isConserved(audit)).toBe(true)
    for (const changed of [
      { balances: audit.balances + 1n },
      { locked: 1n },
      { bonded: 1n },
      { onTheWay: 1n },
      { issued: audit.issued + 1n },
      { burned: 1n },
    ]) {
      expect(isBalanced({ ...audit, ...changed })).toBe(false)
    }
  })
})

describe('exposure', () => {
  const sent = sendTo(at(R, 'bob'), 30n)
  const books = taken(funded, sent)
  const interaction = interactionOf(books, claimIn(books, sent, funded))

  test('counts claims into the machine that rest on less than a quorum’s receipts', () => {
    for (const grade of ['local', 'provisional', 'cosigned', 'published'] as const) {
      expect(exposureOf(ASSET, R, [{ interaction, grade }])).toBe(30n)
    }
    for (const grade of ['receipted', 'certified', 'proven'] as const) {
      expect(exposureOf(ASSET, R, [{ interaction, grade }])).toBe(0n)
    }
    const step = { interaction, grade: 'provisional' } as const
    expect(exposureOf(ASSET, R, [step, step])).toBe(60n)
  })

  test('leaves out other machines, other assets and other operations', () => {
    const step = { interaction, grade: 'provisional' } as const
    expect(exposureOf(ASSET, B, [step])).toBe(0n)
    expect(exposureOf({ ...ASSET, logic: 1 }, R, [step])).toBe(0n)
    const send = { interaction: interactionOf(funded, sent), grade: 'provisional' } as const
    expect(exposureOf(ASSET, R, [send])).toBe(0n)
    const garbled = {
      ...interaction,
      operations: interaction.operations.map((one) => ({ ...one, argument: Uint8Array.of(99) })),
    }
    expect(exposureOf(ASSET, R, [{ interaction: garbled, grade: 'local' }])).toBe(0n)
  })
})
