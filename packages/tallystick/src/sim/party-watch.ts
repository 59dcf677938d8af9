/**
 * What the checkers of a relationship between two parties remember between events, and the rules that hold after every
 * one of them:
 *
 * - *agreement*: at each sequence number all honest nodes that have a final step have the same one, over all their lives,
 *   and none loses one except with its store. Whoever lost its store depends on the other one's memory, so beside a
 *   liar it need only agree with what it has had since;
 * - *vows*: no honest node ever signs two statements that conflict;
 * - *evidence*: whatever evidence anybody holds convicts, and convicts no honest party;
 * - *forks*: two final children of one parent, wherever they were seen, convict somebody by their certificates alone,
 *   and nobody honest.
 */
import type { TransitionId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import type { Terms } from '../kernel/charter.ts'
import { signerOf } from '../kernel/controller.ts'
import { convict, type Evidence } from '../kernel/evidence.ts'
import type { Attestation } from '../kernel/model.ts'
import type { Statement } from '../kernel/statement.ts'
import { bilateral, bilateralCertificate } from '../models/bilateral/certificate.ts'
import { accusations } from '../models/bilateral/evidence.ts'
import { type PartyState, type PartyStep } from '../models/bilateral/state.ts'
import { createSignedLog, type SignedLog } from './signed-log.ts'
import type { Checker, NodeView, World } from './world.ts'

type Height = {
  readonly head: TransitionId
  readonly sequence: bigint
  readonly restores: number
}

export type PartyWatch = {
  readonly terms: Terms
  readonly verifier: Verifier
  /** Every final step that any node ever had. */
  readonly finals: Map<TransitionId, PartyStep>
  readonly children: Map<TransitionId, TransitionId[]>
  /** Heads of all nodes at the last look, so that unchanged nodes cost nothing. */
  readonly heads: Map<string, TransitionId>
  /** What each honest node ever had at each sequence number, and how far it has come. */
  readonly held: Map<string, Map<bigint, TransitionId>>
  readonly heights: Map<string, Height>
  /** Evidence that was looked at and holds. */
  readonly judged: Set<Evidence>
  readonly log: SignedLog
  readonly seen: Set<string>
  broken: string | undefined
}

export const createPartyWatch = (
  terms: Terms,
  verifier: Verifier,
  seen: Set<string>,
): PartyWatch => ({
  terms,
  verifier,
  finals: new Map(),
  children: new Map(),
  heads: new Map(),
  held: new Map(),
  heights: new Map(),
  judged: new Set(),
  log: createSignedLog(terms.suite),
  seen,
  broken: undefined,
})

/** Notes what a node is about to sign; kept by the simulated signer, not by the role. */
export const watchStatement = <State>(
  watch: PartyWatch,
  node: NodeView<State> | undefined,
  statement: Statement,
): void => {
  if (!node?.honest) return
  const conflict = watch.log.note(node.name, statement)
  if (conflict) watch.broken ??= `${node.name} signed a ${conflict}`
}

/** The rules that hold after every event. */
export const partyCheckers = (watch: PartyWatch): readonly Checker<PartyState>[] => [
  {
    name: 'agreement',
    check: (world) => first(world, (node) => checkAgreement(watch, world, node)),
  },
  { name: 'vows', check: () => watch.broken },
  { name: 'evidence', check: (world) => first(world, (node) => checkEvidence(watch, world, node)) },
  { name: 'forks', check: (world) => first(world, (node) => checkForks(watch, world, node)) },
]

const first = (
  world: World<PartyState>,
  check: (node: NodeView<PartyState>) => string | undefined,
): string | undefined => {
  for (const node of world.nodes) {
    const says = check(node)
    if (says !== undefined) return says
  }
  return undefined
}

/** Whether every node of a party keeps its promises. */
export const isHonestParty = (world: World<PartyState>, party: number): boolean =>
  world.nodes.every((node) => node.honest || node.state.party !== party)

const checkAgreement = (
  watch: PartyWatch,
  world: World<PartyState>,
  node: NodeView<PartyState>,
): string | undefined => {
  const { name, restores } = node
  const { headId, head } = node.state.machine
  const known = watch.heights.get(name)
  if (!node.honest || known?.head === headId) return undefined
  const isBack = known?.restores !== restores
  if (known && known.sequence > head.sequence && !isBack) {
    return `${name} forgot its final step ${known.sequence}`
  }
  watch.heights.set(name, { head: headId, sequence: head.sequence, restores })
  const own = watch.held.get(name) ?? new Map<bigint, TransitionId>()
  watch.held.set(name, own)
  // Whoever was put back unnoticed answers for nothing any more, not even for what it had before. Whoever was put back
  // and noticed has its past from the other one, and with a liar there it may never hear of a step that it had.
  const isMisled = restores > 0 && world.nodes.some((one) => !one.honest)
  const others = world.nodes.filter((one) => one.honest && !(isMisled && one.name === name))
  for (let at = node.state.history; at; at = at.before) {
    const { id, transition } = at.step
    const { sequence } = transition
    if (own.get(sequence) === id) break
    const rival = others.find((one) => isOther(watch.held.get(one.name)?.get(sequence), id))
    if (rival) return `${name} has another final step ${sequence} than ${rival.name} had`
    own.set(sequence, id)
  }
  return undefined
}

const isOther = (held: TransitionId | undefined, id: TransitionId): boolean =>
  held !== undefined && held !== id

const checkEvidence = (
  watch: PartyWatch,
  world: World<PartyState>,
  node: NodeView<PartyState>,
): string | undefined => {
  for (const one of node.state.evidence) {
    if (watch.judged.has(one)) continue
    const says = judge(watch, world, one)
    if (says !== undefined) return `${node.name} holds evidence that ${says}`
    watch.judged.add(one)
  }
  return undefined
}

/** What is wrong with evidence: it convicts nobody, a stranger, or somebody honest. */
const judge = (watch: PartyWatch, world: World<PartyState>, of: Evidence): string | undefined => {
  const conviction = convict(of, watch.verifier)
  if (isFault(conviction)) return `convicts nobody: ${conviction.code}`
  const { suite, participants } = watch.terms
  const accused = participants.findIndex(({ controller }) =>
    controller.keys.some((key) => signerOf(suite, key) === conviction.signer),
  )
  if (accused < 0) return 'convicts a stranger'
  watch.seen.add(`evidence: ${conviction.kind}`)
  const name = participants[accused]?.name ?? ''
  return isHonestParty(world, accused) ? `convicts ${name}, who is honest` : undefined
}

const checkForks = (
  watch: PartyWatch,
  world: World<PartyState>,
  node: NodeView<PartyState>,
): string | undefined => {
  if (watch.heads.get(node.name) === node.state.machine.headId) return undefined
  watch.heads.set(node.name, node.state.machine.headId)
  for (let at = node.state.history; at && !watch.finals.has(at.step.id); at = at.before) {
    const { step } = at
    watch.finals.set(step.id, step)
    watch.seen.add(
      bilateralCertificate.decode(step.certificate).round > 0 ? 'later round' : 'final',
    )
    const { parent } = step.transition
    const siblings = watch.children.get(parent) ?? []
    for (const other of siblings) {
      const says = checkFork(watch, world, { step, other: watch.finals.get(other) })
      if (says !== undefined) return says
    }
    watch.children.set(parent, [...siblings, step.id])
  }
  return undefined
}

const checkFork = (
  watch: PartyWatch,
  world: World<PartyState>,
  { step, other }: { readonly step: PartyStep; readonly other: PartyStep | undefined },
): string | undefined => {
  if (!other) return undefined
  watch.seen.add('two finals')
  const found = accusations(watch.terms, signedIn(watch, other), signedIn(watch, step))
  const { sequence } = step.transition
  if (found.length === 0) return `two final steps ${sequence} convict nobody`
  for (const one of found) {
    const says = judge(watch, world, one)
    if (says !== undefined) return `the evidence of two final steps ${sequence} ${says}`
  }
  return undefined
}

const signedIn = (watch: PartyWatch, of: PartyStep): readonly Attestation[] =>
  bilateral.attestations({
    terms: watch.terms,
    policy: {},
    anchor: {},
    transition: of.transition,
    certificate: bilateralCertificate.decode(of.certificate),
    known: { verifier: watch.verifier, now: undefined, read: () => ({ is: 'unknown' }) },
  })
