import { describe, expect, test } from 'vitest'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { receiptVote } from '../../../src/models/directory/evidence.ts'
import type { OwnerState } from '../../../src/models/directory/owner.ts'
import { type HeadReport, recoverFrom } from '../../../src/models/directory/recovery.ts'
import type { KeptStep } from '../../../src/models/directory/submission.ts'
import { charter, engine, freshOwner, genesis, operators, taken } from './town.ts'

const one = taken(freshOwner(), 'one')
const two = taken(one, 'two')

/** The newest step of an owner, as an operator keeps it. */
const kept = (state: OwnerState, operator: number, by = operator): KeptStep => {
  const step = state.steps.at(-1)
  if (!step?.signature) throw new Error('no signed step')
  const digest = statementDigest('classic', receiptVote(step.transition, 7n))
  const secret = operators[by]?.secret ?? new Uint8Array(32)
  return {
    submission: {
      transition: step.transition,
      parent: state.steps.at(-2)?.transition ?? genesis().head,
      interaction: step.interaction,
      consents: [],
      proposal: step.signature,
    },
    receipt: { operator, time: 7n, signature: engine.sign('ed25519', secret, digest) },
    certificate: new Uint8Array(0),
  }
}

const knows = (operator: number, state: OwnerState): HeadReport => ({
  operator,
  vowed: kept(state, operator),
})
const knowsNothing = (operator: number): HeadReport => ({ operator, vowed: undefined })

const found = (...reports: readonly HeadReport[]) => recoverFrom(charter, reports, engine)

describe('recovery', () => {
  test('waits for a read quorum, and names who is missing', () => {
    expect(found(knows(0, one), knows(1, one))).toMatchObject({
      is: 'waiting',
      names: ['operator-2', 'operator-3'],
    })
    expect(found(knows(0, one), knows(0, one), knows(0, one)).is).toBe('waiting')
  })

  test('takes the newest step that anybody has vowed for, certified or not', () => {
    const recovery = found(knows(0, one), knows(1, two), knows(3, one))
    expect(recovery).toMatchObject({ is: 'known', from: [1] })
    expect(recovery.is === 'known' ? recovery.newest?.transition : undefined).toEqual(
      two.steps[1]?.transition,
    )
  })

  test('finds nothing where a quorum knows of nothing', () => {
    const recovery = found(knowsNothing(0), knowsNothing(1), knowsNothing(2))
    expect(recovery).toEqual({ is: 'known', newest: undefined, from: [], refused: [] })
  })

  test('never comes out below a certified step, whichever three answer and whatever one leaves out', () => {
    // Step 2 is certified by 0, 1 and 2; operator 3 has only seen step 1.
    const honest = [knows(0, two), knows(1, two), knows(2, two), knows(3, one)]
    for (let liar = 0; liar < 4; liar++) {
      for (const lie of [knowsNothing(liar), knows(liar, one)]) {
        for (let silent = 0; silent < 4; silent++) {
          const reports = honest
            .map((report) => (report.operator === liar ? lie : report))
            .filter((report) => report.operator !== silent)
          const recovery = found(...reports)
          expect(recovery.is === 'known' ? recovery.newest?.transition.sequence : 0n).toBe(2n)
        }
      }
    }
  })

  test('counts what an operator has signed by its key, wherever it sat then', () => {
    const moved = kept(two, 3)
    const before = { ...moved, receipt: { ...moved.receipt, operator: 0 } }
    const recovery = found(knows(0, one), knows(1, one), { operator: 3, vowed: before })
    expect(recovery).toMatchObject({ is: 'known', from: [3] })
  })

  test('does not count a step that the operator, or the owner, has not signed', () => {
    const foreign = { operator: 1, vowed: kept(two, 1, 2) }
    const forged = kept(two, 2)
    const unsigned = {
      operator: 2,
      vowed: { ...forged, submission: { ...forged.submission, proposal: new Uint8Array(64) } },
    }
    const recovery = found(knows(0, one), foreign, unsigned, knows(3, one))
    expect(recovery).toMatchObject({ is: 'waiting' })
    expect(recovery.is === 'waiting' ? recovery.refused.map((each) => each.code) : []).toEqual([
      'recovery/false-report',
      'recovery/false-report',
    ])
    expect(found(knows(9, one)).is).toBe('waiting')
  })

  test('stops where the own key has signed two steps with one number', () => {
    const rival = taken(one, 'other')
    expect(found(knows(0, two), knows(1, rival)).is).toBe('forked')
  })
})
