/**
 * Consents and proposals of a step: who agreed to it, apart from its certificates.
 *
 * A step is executed as its claimed consents say, because that is cheap, and becomes a node only if every one of the
 * signatures behind them holds.
 */
import type { MachineId } from '../base/brand.ts'
import { Fault } from '../base/fault.ts'
import { proposerAt } from '../kernel/charter.ts'
import { checkConsent } from '../kernel/consent.ts'
import { reachesThreshold, signerOf } from '../kernel/controller.ts'
import { interactionId } from '../kernel/interaction.ts'
import type { Attestation } from '../kernel/model.ts'
import { statementDigest, type Vote } from '../kernel/statement.ts'
import type { Transition } from '../kernel/transition.ts'
import type { BundleStep } from './bundle.ts'
import type { Voice } from './report.ts'
import type { Base, Run, WrittenBase } from './run.ts'

/**
 * Whether a party of a leg's machine has consented, by a consent, by a proposal, or by a certificate that all parties
 * sign. In the last case the step is not final before that certificate is.
 */
export const claimedConsents = (
  run: Run,
  step: BundleStep,
  bases: readonly Base[],
): ((machine: MachineId, party: number) => boolean) => {
  return (machine, party) => {
    const base = bases.find((one) => one.leg.machine === machine)
    const participant = base?.node.machine.terms.participants[party]
    if (!base || !participant) return false
    const { policy } = base.node.machine.terms
    const implied = run.models.get(policy.kind)?.promises.impliesConsentOf === 'all'
    if (implied && base.part.is === 'written') return true
    return reachesThreshold(participant.controller, keysFor(step, base, party))
  }
}

/** Positions of the keys of a party that signed a consent or a proposal for the step. */
const keysFor = (
  step: Pick<BundleStep, 'consents'>,
  base: Base,
  party: number,
): readonly number[] => {
  const keys = step.consents
    .filter((one) => one.machine === base.leg.machine && one.party === party)
    .map((one) => one.key)
  if (base.part.is !== 'written') return keys
  if (proposerAt(base.node.machine.terms, base.part.transition.sequence) !== party) return keys
  return [...keys, ...base.part.proposal.map((one) => one.key)]
}

/** Whether the party whose turn it is has signed: by a consent or by a proposal. True where anyone may propose. */
export const signedByProposer = (
  step: Pick<BundleStep, 'consents'>,
  base: WrittenBase,
): boolean => {
  const { terms } = base.node.machine
  const party = proposerAt(terms, base.part.transition.sequence)
  if (party === 'anyone') return true
  const participant = terms.participants[party]
  return (
    participant !== undefined &&
    reachesThreshold(participant.controller, keysFor(step, base, party))
  )
}

/** Whether the party whose turn it is has signed a `propose` vote for this very transition, with its threshold. */
export const proposedAlone = (base: WrittenBase): boolean => {
  const { terms } = base.node.machine
  const party = proposerAt(terms, base.part.transition.sequence)
  const participant = party === 'anyone' ? undefined : terms.participants[party]
  const keys = base.part.proposal.map((one) => one.key)
  return participant !== undefined && reachesThreshold(participant.controller, keys)
}

/**
 * Checks every consent and every proposal of a step. Returns `consent/unknown-key`, `consent/bad-signature`,
 * `consent/unknown-leg`, `proposal/no-turn`, `proposal/unknown-key` or `proposal/bad-signature`.
 */
export const checkSignatures = (
  run: Run,
  step: BundleStep,
  bases: readonly Base[],
): Fault | undefined => {
  const id = interactionId(step.interaction)
  for (const given of step.consents) {
    const base = bases.find((one) => one.leg.machine === given.machine)
    if (!base)
      return new Fault('consent/unknown-leg', `a consent on ${given.machine}, which is no leg`)
    const { terms, head } = base.node.machine
    const fault = checkConsent(terms, id, given, run.verifier)
    const party = terms.participants[given.party]?.name
    if (fault) {
      const step = base.part.is === 'written' ? head.sequence + 1n : head.sequence
      return fault.at({ machine: given.machine, step, ...(party !== undefined && { party }) })
    }
  }
  for (const base of bases) {
    if (base.part.is !== 'written') continue
    const fault = checkProposal(run, { ...base, part: base.part })
    if (fault) return fault.at({ machine: base.leg.machine, step: base.part.transition.sequence })
  }
  return undefined
}

/** The vote by which a party puts a child forward when it is its turn. */
export const proposeVoteFor = (transition: Transition): Vote => ({
  is: 'vote',
  transition,
  round: 0,
  phase: 'propose',
  cited: 0,
  time: 0n,
})

/** Checks the proposal of a leg. Returns `proposal/no-turn`, `proposal/unknown-key` or `proposal/bad-signature`. */
export const checkProposal = (run: Run, base: WrittenBase): Fault | undefined => {
  if (base.part.proposal.length === 0) return undefined
  const { terms } = base.node.machine
  const party = proposerAt(terms, base.part.transition.sequence)
  if (party === 'anyone') {
    return new Fault('proposal/no-turn', 'a proposal where it is nobody’s turn in particular')
  }
  const participant = terms.participants[party]
  const name = participant?.name ?? String(party)
  const digest = statementDigest(terms.suite, proposeVoteFor(base.part.transition))
  for (const { key: at, signature } of base.part.proposal) {
    const key = participant?.controller.keys[at]
    if (!key) return new Fault('proposal/unknown-key', `no key ${at}`, { party: name })
    if (!run.verifier.verify(key.scheme, key.publicKey, digest, signature)) {
      return new Fault('proposal/bad-signature', 'the proposal is not signed by the named key', {
        party: name,
      })
    }
  }
  return undefined
}

/** The proposals of a checked step as attestations: two of them by one key for two children convict it. */
export const attestedProposals = (base: WrittenBase): readonly Attestation[] => {
  const { terms } = base.node.machine
  const party = proposerAt(terms, base.part.transition.sequence)
  const participant = party === 'anyone' ? undefined : terms.participants[party]
  if (!participant) return []
  const statement = proposeVoteFor(base.part.transition)
  return base.part.proposal.flatMap(({ key: at, signature }) => {
    const key = participant.controller.keys[at]
    if (!key) return []
    const { scheme, publicKey } = key
    return [{ statement, signature, scheme, publicKey, name: participant.name }]
  })
}

/**
 * The parties whose checked signatures reach their threshold: consents, proposals, and what the certificate shows. A key
 * counts once for a party, in whichever way it signed.
 */
export const voicesOf = (
  step: Pick<BundleStep, 'consents'>,
  base: Base,
  attested: readonly Attestation[],
): readonly Voice[] => {
  const { terms } = base.node.machine
  const certified = new Set(attested.map((one) => signerOf(terms.suite, one)))
  return terms.participants.flatMap(({ name, controller }, party) => {
    const signed = new Set(keysFor(step, base, party))
    for (const [at, key] of controller.keys.entries()) {
      if (certified.has(signerOf(terms.suite, key))) signed.add(at)
    }
    if (!reachesThreshold(controller, signed)) return []
    const keys = controller.keys.filter((_, at) => signed.has(at))
    return [{ name, signers: keys.map((key) => signerOf(terms.suite, key)) }]
  })
}
