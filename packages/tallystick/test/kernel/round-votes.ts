/** Signed and checked votes of the four people of `round-net.ts`, for tests of the round engine's parts. */
import { isFault } from '../../src/base/fault.ts'
import { type Cast, castFrom } from '../../src/kernel/cast.ts'
import type { Quorum } from '../../src/kernel/quorum.ts'
import type { Abort, Phase, Statement, Vote } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { CHILDREN, instanceFor, PEOPLE, quorumOf } from './round-net.ts'
import { aVote, engine, sign } from './sample.ts'

export const quorum: Quorum = quorumOf(3)

const [first, second] = CHILDREN
if (!first || !second) throw new Error('there are children')
export const A: Transition = first
export const B: Transition = second

export const castBy = (signer: number, statement: Statement): Cast => {
  const by = PEOPLE[signer]
  if (!by) throw new Error(`no person ${signer}`)
  const signature = sign('classic', by, statement)
  const cast = castFrom(instanceFor(quorum, 0), quorum, { signer, statement, signature }, engine)
  if (isFault(cast)) throw cast
  return cast
}

export const castsBy = (signers: readonly number[], statement: Statement): readonly Cast[] =>
  signers.map((signer) => castBy(signer, statement))

export const vote = (phase: Phase, transition: Transition, round = 0, cited = 0): Vote =>
  aVote({ phase, transition, round, cited })

export const abort = (round: number): Abort => {
  const { machine, parent, sequence } = A
  return { is: 'abort', machine, parent, sequence, round }
}
