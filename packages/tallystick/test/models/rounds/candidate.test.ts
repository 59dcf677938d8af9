import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { terms } from '../../../src/kernel/charter.ts'
import { AMEND, type Interaction } from '../../../src/kernel/interaction.ts'
import { balanceOf } from '../../../src/logic/ledger-record.ts'
import {
  candidate,
  type Candidate,
  consentingParties,
  tryCandidate,
} from '../../../src/models/rounds/candidate.ts'
import { directoryTerms } from '../../../src/models/directory/policy.ts'
import { charter as besideCharter } from '../directory/town.ts'
import { candidateOn, consentBy, paying, town } from './purse.ts'

const { genesis, options } = town

const codeOf = (of: Candidate, machine = genesis): string | undefined => {
  const after = tryCandidate(options, machine, of)
  return isFault(after) ? after.code : undefined
}

/** The payment with something else in its interaction, to which Alice consents as well. */
const changed = (change: Partial<Interaction>): Candidate => {
  const interaction = { ...paying(0).interaction, ...change }
  return { interaction, consents: [consentBy(genesis, interaction, 0)], beside: [] }
}

describe('a candidate', () => {
  test('leads to one child, whoever runs it', () => {
    const after = tryCandidate(options, genesis, paying(0, 7n))
    if (isFault(after)) throw after
    expect(balanceOf(after, town.asset, 'bob')).toBe(1007n)
    expect(tryCandidate(options, genesis, paying(0, 7n))).toEqual(after)
    const again = candidate.decode(candidate.encode(paying(0, 7n)))
    expect(again).toEqual(paying(0, 7n))
  })

  test('can be done once: at the next head it is refused', () => {
    const after = tryCandidate(options, genesis, paying(0))
    if (isFault(after)) throw after
    expect(codeOf(paying(0), after)).toBe('interaction/wrong-parent')
  })

  test('needs the consent of a participant, over this very interaction', () => {
    expect(codeOf({ ...paying(0), consents: [] })).toBe('candidate/no-consent')
    expect(codeOf({ ...paying(0), consents: paying(0, 2n).consents })).toBe('consent/bad-signature')
    const [own] = paying(0).consents
    if (!own) throw new Error('alice consents')
    const stray = { ...own, machine: genesis.headId as never }
    expect(codeOf({ ...paying(0), consents: [own, stray] })).toBe('consent/unknown-leg')
    expect(consentingParties(genesis, paying(1))).toEqual([1])
  })

  test('needs the consents that the logic asks for', () => {
    expect(codeOf(candidateOn(genesis, [town.payment(0, 1n)], [1]))).toMatch(/^ledger\//)
  })

  test('writes this machine only, and relies on nothing elsewhere', () => {
    const [own] = paying(0).interaction.legs
    if (!own) throw new Error('the purse is a leg')
    const other = { machine: genesis.headId as never, access: 'read', parent: undefined } as const
    expect(codeOf(changed({ legs: [own, other] }))).toBe('candidate/other-legs')
    const premise = {
      is: 'time',
      machine: genesis.id,
      transition: genesis.headId,
      atLeast: 1n,
    } as const
    expect(codeOf(changed({ premises: [premise] }))).toBe('candidate/premises')
  })

  test('brings no charter that it does not refer to', () => {
    expect(codeOf({ ...paying(0), beside: [besideCharter] })).toBe('candidate/other-legs')
  })

  test('may bring other terms, if everybody consents and their model admits them', () => {
    const to = (threshold: number, parties: readonly number[]): string | undefined => {
      const policy = directoryTerms({ ...town.policy, threshold })
      const argument = terms.encode({ ...genesis.terms, policy })
      const operation = { machine: genesis.id, logic: AMEND, argument }
      return codeOf(candidateOn(genesis, [operation], parties))
    }
    expect(to(4, [0, 1])).toBeUndefined()
    expect(to(4, [0])).toBe('amend/no-consent')
    expect(to(2, [0, 1])).toBe('quorum/too-weak')
  })
})
