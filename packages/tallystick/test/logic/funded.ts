/** People with some money of the sample asset, and what the tests of the ledger's rules ask of a step. */
import { expect } from 'vitest'
import { type Fault, isFault } from '../../src/base/fault.ts'
import { auditOf, isConserved } from '../../src/logic/ledger-audit.ts'
import { type LedgerOperation, operationOnLedger } from '../../src/logic/ledger-operation.ts'
import { balanceOf } from '../../src/logic/ledger-record.ts'
import {
  A,
  ALICE,
  ASSET,
  at,
  B,
  BOB,
  type Books,
  codeOf,
  machineIn,
  MINT,
  openBooks,
  PAIR,
  R,
  type Step,
  take,
  taken,
  X,
} from './books.ts'

export const does = (of: LedgerOperation): Step['operations'] => [operationOnLedger(ASSET, of)]

export const fresh: Books = openBooks([MINT, ALICE, BOB, PAIR])

export const issueTo = (books: Books, account: ReturnType<typeof at>, amount: bigint): Books =>
  taken(books, {
    write: account.machine === X ? [X] : [X, account.machine],
    operations: does({ is: 'issue', to: account, amount }),
    by: ['mint'],
  })

/** Alice has 100, bob 50 in his own machine; bob and carol have 30 each in theirs. */
export const funded: Books = [
  [at(A, 'alice'), 100n] as const,
  [at(B, 'bob'), 50n] as const,
  [at(R, 'bob'), 30n] as const,
  [at(R, 'carol'), 30n] as const,
].reduce((books, [account, amount]) => issueTo(books, account, amount), fresh)

export const held = (books: Books, machine: typeof A, holder: string): bigint =>
  balanceOf(machineIn(books, machine), ASSET, holder)

export const conserved = (books: Books): boolean =>
  isConserved(auditOf(ASSET, [...books.machines.values()]))

/** The step is refused with `code`; with the one thing changed it is taken. */
export const refusedUnless = (
  books: Books,
  step: Step,
  code: string,
  changed: Partial<Step>,
): Fault => {
  const refused = take(books, step)
  expect(codeOf(refused)).toBe(code)
  const after = take(books, { ...step, ...changed })
  expect(codeOf(after)).toBe('done')
  if (!isFault(after)) expect(conserved(after)).toBe(true)
  if (!isFault(refused)) throw new Error('not refused')
  return refused
}
