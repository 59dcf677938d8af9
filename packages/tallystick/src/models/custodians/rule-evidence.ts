/**
 * Lies of custodians that take a machine's rules to recognise: a vote for a step that does not follow, and a commit to a step
 * that claims a time which was still to come.
 *
 * | kind | what the custodian signed |
 * |---|---|
 * | `custodians/invalid-step` | a hold or commit for a child that the rules do not lead to, whoever has consented |
 * | `custodians/early-step` | a commit whose time is before what the step claims by more than the charter's skew |
 * | `custodians/false-premise` | a hold or commit for a step that relies on a value which the named step of another machine does not have |
 *
 * Safety. Whoever keeps the rules is never convicted. The state before is the one that the vote's parent names by its hash, the
 * interaction the one that its child names, so the accuser chooses neither. It could leave out consents, so a step counts as
 * invalid only if the rules lead to it under no set of consents: every answer that they ask for is tried both ways. It could
 * leave out files, so each premise counts as shown. That one is false is another lie, and takes the header that the premise names by
 * its id and a proof under that header's state; a custodian that was shown a value there has seen the same state. The time
 * of a commit is never before what the step claims less the skew (`models/rounds/judging.ts`).
 *
 * Not promised. A verdict on a custodian that voted with nothing shown to it, where nobody has the other machine's step. Verdicts on machines whose state is larger than `EVIDENCE_LEAVES_MAX`, or on steps whose rules ask for too many
 * consents: such evidence is refused as undecided, and the machine's whole file has to be replayed instead.
 */
import { equalBytes } from '../../base/bytes.ts'
import { bytes, type Codec, list, literal, struct, u8, union } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import {
  EVIDENCE_TRIALS_MAX,
  LEGS_MAX,
  PUBLIC_KEY_BYTES_MAX,
  SIGNATURE_BYTES_MAX,
} from '../../base/limits.ts'
import { scheme, type SchemeId, suite as suiteId, type SuiteId } from '../../base/suite.ts'
import { type Charter, charter, machineId } from '../../kernel/charter.ts'
import { claimsOf } from '../../kernel/claim.ts'
import { signerOf } from '../../kernel/controller.ts'
import type { Conviction, SignedStatement } from '../../kernel/evidence.ts'
import { execute, type Machine, openMachine } from '../../kernel/execute.ts'
import { type Interaction, interaction, interactionId } from '../../kernel/interaction.ts'
import type { LogicRegistry } from '../../kernel/logic.ts'
import type { Accused } from '../../kernel/model.ts'
import { statement, statementDigest, type Vote } from '../../kernel/statement.ts'
import { transition, type Transition, transitionId } from '../../kernel/transition.ts'
import { checkFactAt, type Fact, fact } from '../../state/fact.ts'
import { type Entry, rootOf, treeFrom } from '../../state/tree.ts'
import { stateEntries } from './state-entries.ts'
import { isNamed } from './evidence.ts'
import { CUSTODIANS, type CustodianPolicy } from './policy.ts'

/** The state before the step, as its keys and values. */
export type InvalidStep = {
  readonly is: 'invalid-step'
  readonly parent: Transition
  readonly state: readonly Entry[]
  /** Charters of the machines that the step refers to. */
  readonly beside: readonly Charter[]
}

/** What stands at a premise's key after the step that it names. */
export type FalsePremise = {
  readonly is: 'false-premise'
  /** Position among the interaction's premises. */
  readonly premise: number
  /** Of the machine that the premise is about. */
  readonly suite: SuiteId
  readonly header: Transition
  readonly fact: Fact
}

export type RuleLie = InvalidStep | { readonly is: 'early-step' } | FalsePremise

export type RuleEvidence = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  /** Of the machine: its id is in the vote. */
  readonly charter: Charter
  readonly vote: SignedStatement
  readonly interaction: Interaction
  readonly lie: RuleLie
}

export const ruleEvidence: Codec<RuleEvidence> = struct<RuleEvidence>({
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  charter,
  vote: struct<SignedStatement>({ statement, signature: bytes(SIGNATURE_BYTES_MAX) }),
  interaction,
  lie: union<RuleLie>({
    'invalid-step': struct<InvalidStep>({
      is: literal('invalid-step'),
      parent: transition,
      state: stateEntries,
      beside: list(charter, LEGS_MAX),
    }),
    'early-step': struct({ is: literal('early-step') }),
    'false-premise': struct<FalsePremise>({
      is: literal('false-premise'),
      premise: u8,
      suite: suiteId,
      header: transition,
      fact,
    }),
  }),
})

/** With the rules beside what every accusation needs; `terms` and `policy` are those in force before the step. */
export type AccusedByRules = Accused<CustodianPolicy> & { readonly logics: LogicRegistry }

/**
 * Judges evidence against a custodian of the policy. Returns whom it convicts, `evidence/unknown-custodian`,
 * `evidence/other-step`, `evidence/no-conflict`, `evidence/undecided` or `evidence/bad-signature`. Raises decoding faults.
 */
export const convictByRules = (
  proof: Uint8Array,
  accused: AccusedByRules,
): readonly Conviction[] | Fault => {
  const of = ruleEvidence.decode(proof)
  const { suite } = accused.terms
  if (!isNamed(accused.policy, of)) {
    return new Fault('evidence/unknown-custodian', 'the policy names no such custodian')
  }
  const vote = of.vote.statement
  if (vote.is !== 'vote' || !isAbout(of, vote)) {
    return new Fault('evidence/other-step', 'the vote is about another step than is shown')
  }
  const innocent = innocenceOf(accused, of, vote)
  if (innocent) return innocent
  const digest = statementDigest(suite, vote)
  if (!accused.verifier.verify(of.scheme, of.publicKey, digest, of.vote.signature)) {
    return new Fault('evidence/bad-signature', 'not signed by the accused key')
  }
  const { machine, sequence } = vote.transition
  const children = [transitionId(suite, vote.transition)]
  const kind = `${CUSTODIANS}/${of.lie.is}` as const
  return [{ kind, signer: signerOf(suite, of), machine, sequence, children }]
}

const isAbout = (of: RuleEvidence, { transition: child }: Vote): boolean =>
  child.machine === machineId(of.charter) && child.interaction === interactionId(of.interaction)

const NO_CONFLICT = 'an honest custodian could have signed it'

const innocenceOf = (accused: AccusedByRules, of: RuleEvidence, vote: Vote): Fault | undefined => {
  switch (of.lie.is) {
    case 'early-step':
      return isEarly(accused, of, vote) ? undefined : new Fault('evidence/no-conflict', NO_CONFLICT)
    case 'invalid-step':
      return validityOf(accused, of, { vote, lie: of.lie })
    case 'false-premise':
      return truthOf(of, { vote, lie: of.lie })
  }
}

const isEarly = ({ logics }: AccusedByRules, of: RuleEvidence, vote: Vote): boolean => {
  if (vote.phase !== 'commit') return false
  const machine = faultFrom(() => openMachine(of.charter, logics))
  if (isFault(machine)) return false
  const machines = new Map([[vote.transition.machine, machine]])
  const claims = faultFrom(() => claimsOf({ interaction: of.interaction, machines, logics }))
  if (isFault(claims)) return false
  return claims.some(({ at, skewMs }) => vote.time < at - BigInt(skewMs))
}

/** Why a false premise is none, if the value shown is the one that the vote relies on. */
const truthOf = (
  { interaction: { premises } }: RuleEvidence,
  { vote, lie }: { readonly vote: Vote; readonly lie: FalsePremise },
): Fault | undefined => {
  if (vote.phase === 'propose') return new Fault('evidence/no-conflict', NO_CONFLICT)
  const stated = premises[lie.premise]
  const { header } = lie
  const isSame =
    stated?.is === 'fact' &&
    header.machine === stated.machine &&
    transitionId(lie.suite, header) === stated.transition &&
    lie.fact.key === stated.key
  if (!isSame) return new Fault('evidence/other-step', 'the fact shown is not about the premise')
  const place = { machine: header.machine, transition: stated.transition, root: header.state }
  const found = checkFactAt(lie.suite, lie.fact, place)
  if (isFault(found)) return found
  const value = found.is === 'present' ? found.value : undefined
  const isTrue =
    value === undefined || stated.value === undefined
      ? value === stated.value
      : equalBytes(value, stated.value)
  return isTrue ? new Fault('evidence/no-conflict', NO_CONFLICT) : undefined
}

/** Why an invalid step is none, if the rules lead to it under some set of consents. */
const validityOf = (
  accused: AccusedByRules,
  of: RuleEvidence,
  { vote, lie }: { readonly vote: Vote; readonly lie: InvalidStep },
): Fault | undefined => {
  const { terms, verifier, logics } = accused
  const { suite } = terms
  const state = faultFrom(() => treeFrom(suite, lie.state))
  if (isFault(state)) return state
  const headId = transitionId(suite, lie.parent)
  if (headId !== vote.transition.parent || rootOf(state) !== lie.parent.state) {
    return new Fault('evidence/other-step', 'the state shown is not the one before the step')
  }
  if (vote.phase === 'propose') return new Fault('evidence/no-conflict', NO_CONFLICT)
  const { machine: id } = vote.transition
  const before: Machine = { id, charter: of.charter, terms, head: lie.parent, headId, state }
  const machines = new Map([[id, before]])
  for (const one of lie.beside) {
    const opened = openMachine(one, logics)
    if (isFault(opened)) return new Fault('evidence/undecided', opened.message)
    machines.set(opened.id, opened)
  }
  const child = transitionId(suite, vote.transition)
  const led = everyWay((consents) => {
    const { interaction: done } = of
    const run = { interaction: done, machines, logics, consents, proven: done.premises, verifier }
    const ran = faultFrom(() => execute(run))
    if (isFault(ran)) return false
    return ran.written.some((one) => one.headId === child)
  })
  if (led === 'undecided') return new Fault('evidence/undecided', 'too many consents are asked for')
  return led ? new Fault('evidence/no-conflict', NO_CONFLICT) : undefined
}

type Consents = (machine: Machine['id'], party: number) => boolean

/** Whether a trial succeeds under some set of consents: each that is asked for is granted first, and then refused. */
const everyWay = (trial: (consents: Consents) => boolean): boolean | 'undecided' => {
  const open: ReadonlyMap<string, boolean>[] = [new Map()]
  for (let trials = 0; trials < EVIDENCE_TRIALS_MAX; trials++) {
    const granted = open.pop()
    if (!granted) return false
    const asked = new Map(granted)
    const isLed = trial((machine, party) => {
      const key = `${machine} ${party}`
      const known = asked.get(key)
      if (known !== undefined) return known
      // What is asked for the first time here is granted; the way on which it is refused is taken later.
      open.push(new Map(asked).set(key, false))
      asked.set(key, true)
      return true
    })
    if (isLed) return true
  }
  return open.length > 0 ? 'undecided' : false
}
