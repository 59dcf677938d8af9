/** Two children of one head of alice's machine, both proposed by her key: what evidence and claims are made from. */
import type { Evidence } from '../../src/kernel/evidence.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { type Statement, statementDigest } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { operationOnLedger } from '../../src/logic/ledger-operation.ts'
import { type Account, recordPath, recordsIn } from '../../src/logic/ledger-record.ts'
import type { Owed } from '../../src/logic/ledger-slash.ts'
import { prove } from '../../src/state/proof.ts'
import {
  A,
  ALICE,
  ASSET,
  at,
  BOB,
  type Books,
  engine,
  machineIn,
  MINT,
  openBooks,
  PAIR,
  pairOf,
  type Step,
  taken,
  X,
} from './books.ts'

/** Alice with a thousand. */
export const funded: Books = taken(openBooks([MINT, ALICE, BOB, PAIR]), {
  write: [X, A],
  operations: [operationOnLedger(ASSET, { is: 'issue', to: at(A, 'alice'), amount: 1000n })],
  by: ['mint'],
})

export const sends = (...pays: readonly (readonly [to: Account, amount: bigint])[]): Step => ({
  write: [A],
  refer: [X],
  operations: pays.map(([to, amount], nonce) =>
    operationOnLedger(ASSET, { is: 'send', from: at(A, 'alice'), to, amount, nonce }),
  ),
  by: ['alice'],
})

const signed = (statement: Statement): Evidence['first'] => ({
  statement,
  signature: engine.sign('ed25519', pairOf('alice').secret, statementDigest('classic', statement)),
})

const proposes = (transition: Transition): Statement => ({
  is: 'vote',
  transition,
  round: 0,
  phase: 'propose',
  cited: 0,
  time: 0n,
})

export const evidenceOf = (first: Statement, second: Statement): Evidence => ({
  suite: 'classic',
  scheme: 'ed25519',
  publicKey: pairOf('alice').publicKey,
  first: signed(first),
  second: signed(second),
})

/** What the newest step of alice's machine sent, each with its proof. */
const owedIn = (books: Books): readonly Owed[] => {
  const { head, headId, state } = machineIn(books, A)
  return recordsIn(machineIn(books, A), ASSET).flatMap((out): readonly Owed[] =>
    out.is === 'out' && out.interaction === head.interaction
      ? [{ step: headId, out, proof: prove(state, pathKey('classic', ASSET, recordPath(out))) }]
      : [],
  )
}

export type Forked = {
  readonly evidence: Evidence
  readonly heads: readonly [Transition, Transition]
  readonly owed: readonly Owed[]
}

export const forkedInto = (first: Step, second: Step, before: Books = funded): Forked => {
  const [one, two] = [taken(before, first), taken(before, second)]
  const heads = [machineIn(one, A).head, machineIn(two, A).head] as const
  return {
    evidence: evidenceOf(proposes(heads[0]), proposes(heads[1])),
    heads,
    owed: [...owedIn(one), ...owedIn(two)],
  }
}
