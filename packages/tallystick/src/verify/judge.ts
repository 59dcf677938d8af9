/**
 * Judging one leg: what the model in force says of a transition and its certificate.
 *
 * A change of terms is judged twice: by the old terms, and, as acceptance, by the new ones. From then on only
 * the new terms are asked, so further steps under the old policy are refused.
 */
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { CLOSED, type Terms } from '../kernel/charter.ts'
import type { Machine } from '../kernel/execute.ts'
import type { Attestation, ErasedJudgement, ErasedModel, Known } from '../kernel/model.ts'
import type { Transition } from '../kernel/transition.ts'
import { type Finality, lowerGrade, type Wait } from '../kernel/verdict.ts'
import { read } from '../state/tree.ts'
import type { BundleStep } from './bundle.ts'
import { attestedProposals, proposedAlone, signedByProposer } from './consents.ts'
import type { Node, Own, Run, WrittenBase } from './run.ts'

export type LegToJudge = {
  readonly step: Pick<BundleStep, 'consents'>
  readonly base: WrittenBase
  /** The machine after the step. */
  readonly machine: Machine
}

export type JudgedLeg = {
  readonly own: Own
  readonly anchor: Uint8Array
  readonly attested: () => readonly Attestation[]
}

/**
 * Whether the policy of terms can be used here. Returns `bundle/unknown-model`, `charter/closed-params`, or the
 * model's fault.
 */
export const admitPolicy = (run: Run, terms: Terms): Fault | undefined => {
  const { kind, params } = terms.policy
  if (kind === CLOSED) {
    if (params.length === 0) return undefined
    return new Fault('charter/closed-params', 'a closed machine has no policy parameters')
  }
  return run.models.get(kind)?.admit(terms, run.verifier) ?? knownModel(run, kind)
}

const knownModel = (run: Run, kind: string): Fault | undefined =>
  run.models.has(kind) ? undefined : unknownModel(kind)

/** What a policy that was admitted remembers at the start; nothing for a closed machine. */
export const beginPolicy = (run: Run, terms: Terms): Uint8Array =>
  run.models.get(terms.policy.kind)?.begin(terms) ?? new Uint8Array(0)

/** What the certificates of a leg say, or why they are refused. */
export const judgeLeg = (run: Run, of: LegToJudge): JudgedLeg | Fault => {
  const { base, machine } = of
  const { terms } = base.node.machine
  const model = run.models.get(terms.policy.kind)
  if (!model) return unknownModel(terms.policy.kind)
  const judged: ErasedJudgement = {
    terms,
    anchor: base.node.anchor,
    transition: machine.head,
    certificate: base.part.certificate,
    known: knownTo(run),
  }
  const attested = (): readonly Attestation[] => [
    ...attestedProposals(base),
    ...attestationsOn(run, base.node, { head: machine.head, certificate: base.part.certificate }),
    ...acceptancesOn(run, of),
  ]
  const old = judgeOld(of, model, judged)
  if (isFault(old)) return old
  if (machine.terms === terms) {
    if (base.part.accepted.length === 0) return { ...old, attested }
    return new Fault('bundle/stray-acceptance', 'an acceptance where the terms do not change')
  }
  const changed = judgeAcceptance(run, of, old.own)
  return isFault(changed) ? changed : { ...changed, attested }
}

type Standing = Omit<JudgedLeg, 'attested'>

const judgeOld = (
  of: LegToJudge,
  model: ErasedModel,
  judged: ErasedJudgement,
): Standing | Fault => {
  const { base, step } = of
  const { anchor } = judged
  if (base.part.certificate.length === 0) return { own: uncertified(base, model), anchor }
  const verdict = model.judge(judged)
  switch (verdict.is) {
    case 'refused':
      return verdict.fault
    case 'contested':
      return { own: { is: 'contested', evidence: verdict.evidence }, anchor }
    case 'pending':
      return { own: { is: 'pending', waitingFor: verdict.waitingFor }, anchor: verdict.anchor }
    case 'final': {
      // Certifiers say that a step is the only one; that it may be taken is for the party whose turn it is to say.
      const agreed = model.promises.impliesConsentOf === 'all' || signedByProposer(step, base)
      const own: Own = agreed
        ? { is: 'final', finality: verdict.finality }
        : { is: 'pending', waitingFor: [{ is: 'signers', names: proposerNames(base) }] }
      return { own, anchor: verdict.anchor }
    }
  }
}

/** Without a certificate: provisional if the owner, alone in its turn, has signed it; else it only waits. */
const uncertified = (base: WrittenBase, model: ErasedModel): Own => {
  const { terms } = base.node.machine
  const all = model.promises.impliesConsentOf === 'all'
  const names = all ? terms.participants.map((one) => one.name) : [`the certifiers (${model.kind})`]
  const waitingFor: readonly Wait[] = [{ is: 'signers', names }]
  const owned = terms.turn.is === 'owner' && !all && proposedAlone(base)
  return { is: owned ? 'provisional' : 'pending', waitingFor }
}

const proposerNames = (base: WrittenBase): readonly string[] => {
  const { terms } = base.node.machine
  const { turn } = terms
  if (turn.is === 'anyone') return []
  const count = BigInt(terms.participants.length)
  const party =
    turn.is === 'alternate' ? Number((base.part.transition.sequence - 1n) % count) : turn.party
  const name = terms.participants[party]?.name
  return name === undefined ? [] : [name]
}

const judgeAcceptance = (run: Run, of: LegToJudge, old: Own): Standing | Fault => {
  const { terms, head } = of.machine
  const refused = admitPolicy(run, terms)
  if (refused) return refused.at({ part: 'new terms' })
  const begun = faultFrom(() => beginPolicy(run, terms))
  if (isFault(begun)) return begun
  const model = run.models.get(terms.policy.kind)
  // Nobody certifies under a closed policy, so nobody can accept it either.
  if (!model) return { own: old, anchor: begun }
  const { accepted } = of.base.part
  if (accepted.length === 0) {
    const names = terms.participants.map((one) => one.name)
    return { own: waiting(old, [{ is: 'signers', names }]), anchor: begun }
  }
  const verdict = model.judge({
    terms,
    anchor: begun,
    transition: head,
    certificate: accepted,
    known: knownTo(run),
    isAcceptance: true,
  })
  switch (verdict.is) {
    case 'refused':
      return verdict.fault.at({ part: 'acceptance' })
    case 'contested':
      return { own: { is: 'contested', evidence: verdict.evidence }, anchor: begun }
    case 'pending':
      return { own: waiting(old, verdict.waitingFor), anchor: begun }
    case 'final':
      return { own: bothFinal(old, verdict.finality), anchor: verdict.anchor }
  }
}

const waiting = (old: Own, more: readonly Wait[]): Own => {
  if (old.is === 'contested') return old
  return { is: 'pending', waitingFor: old.is === 'final' ? more : [...old.waitingFor, ...more] }
}

const bothFinal = (old: Own, accepted: Finality): Own =>
  old.is === 'final'
    ? {
        is: 'final',
        finality: { ...old.finality, grade: lowerGrade(old.finality.grade, accepted.grade) },
      }
    : old

/** Who signed for a step that builds on `parent`, as its certificate shows. */
export const attestationsOn = (
  run: Run,
  parent: Node,
  of: { readonly head: Transition; readonly certificate: Uint8Array },
): readonly Attestation[] => {
  const { terms } = parent.machine
  const model = run.models.get(terms.policy.kind)
  if (!model || of.certificate.length === 0) return []
  return model.attestations({
    terms,
    anchor: parent.anchor,
    transition: of.head,
    certificate: of.certificate,
    known: knownTo(run),
  })
}

/** Who took over with a step that changes the terms: each is bound to it as to any step that it signs for. */
const acceptancesOn = (run: Run, { base, machine }: LegToJudge): readonly Attestation[] => {
  const { terms, head } = machine
  const model = run.models.get(terms.policy.kind)
  const { accepted } = base.part
  if (!model || accepted.length === 0 || terms === base.node.machine.terms) return []
  return model.attestations({
    terms,
    anchor: model.begin(terms),
    transition: head,
    certificate: accepted,
    known: knownTo(run),
    isAcceptance: true,
  })
}

/** What a judgement may look at: the time it was told, and states walked in this run. */
const knownTo = (run: Run): Known => ({
  verifier: run.verifier,
  now: run.now,
  read: (machine, at, key) => {
    const node = run.nodes.get(at)
    if (node?.machine.id !== machine) return { is: 'unknown' }
    const value = read(node.machine.state, key)
    return value === undefined ? { is: 'absent' } : { is: 'value', value }
  },
})

const unknownModel = (kind: string): Fault =>
  new Fault('bundle/unknown-model', `no model of the kind "${kind}" is known here`)
