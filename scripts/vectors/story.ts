/**
 * A story that several areas tell: the issuer gives Alice ten, Alice sends four to Bob in their relationship, and Bob
 * claims it there.
 */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  interaction,
  interactionId,
  type Operation,
  type Premise,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import {
  claimOf,
  type LedgerOperation,
} from '../../packages/tallystick/src/logic/ledger-operation.ts'
import type { Out } from '../../packages/tallystick/src/logic/ledger-record.ts'
import type { JsonObject } from './finding.ts'
import {
  after,
  ALICE,
  assetOf,
  BOB,
  type Deed,
  hexOfCharter,
  interactionOf,
  MINT,
  money,
  only,
  opened,
  PAIR,
  PURSE,
} from './world.ts'

export const X: Machine = opened(MINT)
export const R0: Machine = opened(PAIR)
export const B0: Machine = opened(BOB)
export const CHARTERS: readonly string[] = [MINT, ALICE, BOB, PAIR, PURSE].map(hexOfCharter)

export const step = (deed: Deed, by: readonly string[]): JsonObject => ({
  interaction: hexFromBytes(interaction.encode(interactionOf(deed))),
  by,
})
export const referring = (
  operations: readonly Operation[],
  write: readonly Machine[],
  premises: readonly Premise[] = [],
): Deed => ({
  write,
  beside: write.some((one) => one.id === X.id) ? [] : [{ machine: X, access: 'refer' }],
  operations,
  premises,
})

// Alice gets ten, and sends four to Bob in their relationship, where he claims it.
export const issued: Deed = referring(
  [money(X, { is: 'issue', to: { machine: opened(ALICE).id, holder: 'alice' }, amount: 10n })],
  [X, opened(ALICE)],
)
const afterIssue: readonly [Machine, Machine] = twoOf(after(issued))
export const X1: Machine = afterIssue[0]
export const A1: Machine = afterIssue[1]
export const sendOf = (amount: bigint, holder = 'bob', nonce = 0): LedgerOperation => ({
  is: 'send',
  from: { machine: A1.id, holder: 'alice' },
  to: { machine: R0.id, holder },
  amount,
  nonce,
})
export const sending: Deed = referring([money(X, sendOf(4n))], [A1])
export const A2: Machine = only(after(sending))
export const sent: Out = {
  is: 'out',
  from: 'alice',
  to: { machine: R0.id, holder: 'bob' },
  amount: 4n,
  interaction: interactionId(interactionOf(sending)),
  nonce: 0,
}
type Claim = { readonly operation: Operation; readonly premise: Premise }

export const claimFor = (out: Out): Claim =>
  claimOf({ asset: assetOf(X), source: A1.id, suite: 'classic', transition: A2.headId, out })
export const claim: Claim = claimFor(sent)
export const claiming: Deed = referring([claim.operation], [R0], [claim.premise])
export const R1: Machine = only(after(claiming))

export function twoOf(machines: readonly Machine[]): readonly [Machine, Machine] {
  const [first, second] = machines
  if (!first || !second) throw new Error('two machines are written')
  return [first, second]
}
