import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { CANDIDATE_ATTACHMENT_BYTES_MAX } from '../../../src/base/limits.ts'
import { terms } from '../../../src/kernel/charter.ts'
import { AMEND, type Interaction, type Premise } from '../../../src/kernel/interaction.ts'
import { balanceOf } from '../../../src/logic/ledger-record.ts'
import {
  candidate,
  type Candidate,
  consentingParties,
  tryCandidate,
} from '../../../src/models/rounds/candidate.ts'
import { directoryTerms } from '../../../src/models/directory/policy.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { createWitness } from '../../../src/sim/witness.ts'
import { bundleFromFile, fileFromBundle } from '../../../src/verify/bundle.ts'
import { withProver } from '../../../src/verify/prove.ts'
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
  return {
    interaction,
    consents: [consentBy(genesis, interaction, 0)],
    beside: [],
    attachments: [],
  }
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

  test('writes this machine only', () => {
    const [own] = paying(0).interaction.legs
    if (!own) throw new Error('the purse is a leg')
    const other = { machine: genesis.headId as never, access: 'read', parent: undefined } as const
    expect(codeOf(changed({ legs: [own, other] }))).toBe('candidate/other-legs')
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

describe('what a candidate relies on elsewhere', () => {
  const witness = createWitness({
    engine: town.engine,
    suite: 'classic',
    scheme: 'ed25519',
    name: 'wim',
  })
  const before = witness.file()
  witness.say('is it paid?', 'yes', 1n)
  const premise = witness.premise('is it paid?', 'yes')
  const relying = (
    attachments: readonly Uint8Array[],
    premises: readonly Premise[] = [premise],
  ): Candidate => ({ ...changed({ premises }), attachments })
  const proving = withProver({ ...options, logics: STANDARD_LOGICS })
  const codeIn = (of: Candidate): string | undefined => {
    const after = tryCandidate(proving, genesis, of)
    return isFault(after) ? after.code : undefined
  }

  test('is shown with it, by certificates of the other machine', () => {
    const good = relying([witness.file()])
    expect(codeIn(good)).toBeUndefined()
    expect(candidate.decode(candidate.encode(good))).toEqual(good)
    expect(codeIn(relying([]))).toBe('bundle/missing-fact')
    expect(codeIn(relying([before]))).toBe('bundle/missing-fact')
    const other = witness.premise('is it paid?', 'no')
    expect(codeIn(relying([witness.file()], [other]))).toBe('premise/false')
  })

  test('leads to one child, whichever files show it', () => {
    witness.say('is it sent?', 'no', 2n)
    const [first, second] = [relying([witness.file(), before]), relying([witness.file()])]
    const after = [first, second].map((one) => tryCandidate(proving, genesis, one))
    if (after.some(isFault)) throw after
    expect(after[0]).toEqual(after[1])
  })

  test('is firm, and not just signed by its owner', () => {
    const bundle = bundleFromFile(witness.file())
    const steps = bundle.steps.map((step) => ({
      ...step,
      legs: step.legs.map((leg) =>
        leg.is === 'written' ? { ...leg, certificate: new Uint8Array() } : leg,
      ),
    }))
    expect(codeIn(relying([fileFromBundle({ ...bundle, steps })]))).toBe('premise/not-firm')
  })

  test('is refused where nothing can be proven, where nothing rests on it, and where it is too large', () => {
    const { prove: _, ...unable } = proving
    const after = tryCandidate(unable, genesis, relying([witness.file()]))
    expect(isFault(after) && after.code).toBe('candidate/premises')
    expect(codeIn({ ...paying(0), attachments: [before] })).toBe('candidate/premises')
    const sized = (size: number) => codeIn(relying([new Uint8Array(size)]))
    expect(sized(CANDIDATE_ATTACHMENT_BYTES_MAX)).not.toBe('candidate/too-large')
    expect(codeIn(relying([new Uint8Array(CANDIDATE_ATTACHMENT_BYTES_MAX), before]))).toBe(
      'candidate/too-large',
    )
  })

  test('is looked at last: what would be refused anyway is not proven', () => {
    const asked: unknown[] = []
    const looking = { ...proving, prove: (...given: readonly unknown[]) => void asked.push(given) }
    const poor = changed({ premises: [premise], operations: [town.payment(0, 1_000_000n)] })
    const after = tryCandidate(looking, genesis, { ...poor, attachments: [witness.file()] })
    expect(isFault(after) && after.code).toMatch(/^ledger\//)
    expect(asked).toEqual([])
    tryCandidate(looking, genesis, relying([witness.file()]))
    expect(asked.length).toBe(1)
  })
})
