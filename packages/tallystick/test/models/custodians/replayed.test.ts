import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { type Statement, statementDigest } from '../../../src/kernel/statement.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import { invalidVotes } from '../../../src/models/custodians/replayed.ts'
import { tryCandidate } from '../../../src/models/rounds/candidate.ts'
import { KEEPERS } from '../../../src/sim/custodians-town.ts'
import { candidateFor, town } from './net.ts'

const { genesis, options } = town
const candidate = candidateFor(town.ballotOf(0, 1n, 0))
const after = tryCandidate(options, genesis, candidate)
if (isFault(after)) throw after

const voteBy = (signer: number, transition: Transition, phase: 'propose' | 'hold' = 'hold') => {
  const statement: Statement = { is: 'vote', transition, round: 0, phase, cited: 0, time: 0n }
  const digest = statementDigest('classic', statement)
  return { signer, statement, signature: town.signFor(KEEPERS[signer] ?? '', digest) }
}
const wrong: Transition = { ...after.head, state: genesis.head.interaction as never }
const accused = (casts: readonly ReturnType<typeof voteBy>[]) =>
  invalidVotes(options, genesis, { casts, candidates: [candidate] })

describe('votes that are replayed', () => {
  test('convict who held another child than the rules lead to, and nobody else', () => {
    const found = accused([voteBy(0, after.head), voteBy(1, wrong)])
    expect(found.length).toBe(1)
    expect(found[0]?.publicKey).toEqual(town.policy.custodians[1]?.publicKey)
  })

  test('convict nobody for a proposal, by a forged signature, or without the candidate', () => {
    expect(accused([voteBy(1, wrong, 'propose')])).toEqual([])
    expect(accused([{ ...voteBy(1, wrong), signer: 2 }])).toEqual([])
    const alone = { casts: [voteBy(1, wrong)], candidates: [] }
    expect(invalidVotes(options, genesis, alone)).toEqual([])
  })
})
