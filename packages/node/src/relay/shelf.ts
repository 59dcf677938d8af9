/**
 * What is known of the machines that a machine on relays may rely on: its oracles, and the one whose time is its own. Files come in from
 * anybody, in parts and in any order; out come the premises of an input, with files that show them.
 *
 * Promise. Only steps of those machines are kept, run from their charters and final by their own certificates, so what comes out shows to
 * everybody what it shows here. An answer is quoted at the step that gave it: custodians that hold different files make one
 * interaction out of one input. Two certified steps in one place prove nothing, and convict.
 *
 * Not promised. That a history which is longer than a candidate may bring can be quoted, or one that itself rests on other machines.
 */
import {
  CANDIDATE_ATTACHMENT_BYTES_MAX,
  Fault,
  faultFrom,
  isFault,
  type MachineId,
  PROOF_FILE_BYTES_MAX,
  type Verifier,
} from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import {
  type Charter,
  type Interaction,
  machineId,
  type Premise,
  transitionId,
} from 'tallystick/kernel'
import { answerKey, answerValue, oracleOperation } from 'tallystick/logic'
import {
  KINDS,
  type NostrDefinition,
  type NostrEvent,
  nostrInputFrom,
  type QuotedAnswer,
} from 'tallystick/nostr'
import { type Oracle, prepared } from 'tallystick/statechart'
import {
  type Bundle,
  type BundleStep,
  bundleFromFile,
  EMPTY_BUNDLE,
  fileFromBundle,
  joinBundles,
  type Report,
  verify,
} from 'tallystick/verify'
import type { Filter } from './filter.ts'
import { PROOFS_PER_AUTHOR_MAX, PROOFS_WAITING_MAX } from './limits.ts'

/** Files count from those whom the definition names: anybody else could have everybody check signatures for ever. */
export const proofFilter = (
  { id, creator, participants }: NostrDefinition,
  custodians: readonly string[],
): Filter & { readonly authors: readonly string[] } => ({
  kinds: [KINDS.proof],
  '#e': [id],
  authors: [...new Set([creator, ...custodians, ...participants.map((one) => one.key)])],
})

export type Support = {
  readonly answers: readonly QuotedAnswer[]
  readonly premises: readonly Premise[]
  readonly attachments: readonly Uint8Array[]
  /** The time that the input is to claim. */
  readonly at: bigint
}

/** For machines that take no inputs. */
export const NOTHING_QUOTED: Fault = new Fault(
  'statechart/unknown-oracle',
  'no input quotes anything',
)

export type Shelf = {
  /** Machines of which something is kept. */
  readonly wanted: ReadonlySet<MachineId>
  /** Takes a file in; the machines of which it shows something new. */
  readonly take: (file: Uint8Array, by: string) => readonly MachineId[]
  /**
   * What an input rests on. Returns `statechart/unknown-oracle`, `bundle/missing-fact` where nothing here shows it, `premise/false`,
   * `premise/contested` or `candidate/too-large`.
   */
  readonly supportFor: (
    event: NostrEvent,
    time: { readonly now: bigint; readonly last: number },
  ) => Support | Fault
  /** Files that show premises, as far as they are here. */
  readonly attachmentsFor: (premises: readonly Premise[]) => readonly Uint8Array[]
  /** Whom two certified steps of such a machine convict. */
  readonly convictions: () => Report['convictions']
}

/** Steps of one machine that were found firm, in the order of their numbers. */
type Known = {
  readonly charter: Charter
  readonly steps: readonly BundleStep[]
  readonly report: Report
}

type Shelved = {
  readonly verifier: Verifier
  readonly oracles: readonly Oracle[]
  readonly known: Map<MachineId, Known>
  readonly waiting: Map<MachineId, readonly Bundle[]>
  readonly taken: Map<string, number>
}

export const createShelf = (charter: Charter, verifier: Verifier): Shelf => {
  const [use] = charter.logics
  const read = use && faultFrom(() => prepared(use.params))
  const params = read && !isFault(read) ? read.params : undefined
  const clock = params?.clock
  const of: Shelved = {
    verifier,
    oracles: params?.oracles ?? [],
    known: new Map(),
    waiting: new Map(),
    taken: new Map(),
  }
  const clockMachine = clock?.is === 'machine' ? clock.machine : undefined
  const wanted = new Set([
    ...of.oracles.map((one) => one.machine),
    ...(clockMachine === undefined ? [] : [clockMachine]),
  ])
  return {
    wanted,
    take: (file, by) => {
      const count = of.taken.get(by) ?? 0
      const bundle = count < PROOFS_PER_AUTHOR_MAX && faultFrom(() => bundleFromFile(file))
      const found =
        bundle && !isFault(bundle) ? [...wanted].filter((id) => take(of, id, bundle)) : []
      // What shows something new has cost its author more than it costs here.
      if (found.length === 0) of.taken.set(by, count + 1)
      return found
    },
    supportFor: (event, { now, last }) => {
      const answers = faultFrom(() => nostrInputFrom(event).answers)
      if (isFault(answers)) return answers
      const premises: Premise[] = []
      for (const one of answers) {
        const premise = premiseOf(of, one)
        if (isFault(premise)) return premise
        premises.push(premise)
      }
      if (clockMachine === undefined) {
        return supported(of, { answers, premises, at: clock?.is === 'agreed' ? now : 0n })
      }
      const shown = timeOf(of, clockMachine)
      if (!shown || shown.atLeast <= BigInt(last)) {
        return supported(of, { answers, premises, at: BigInt(last) })
      }
      return supported(of, { answers, premises: [...premises, shown], at: shown.atLeast })
    },
    attachmentsFor: (premises) => attachmentsFor(of, premises),
    convictions: () => [...of.known.values()].flatMap((one) => one.report.convictions),
  }
}

// What comes in.

const isOwnStep = (id: MachineId, { legs, interaction }: BundleStep): boolean =>
  legs.length === 1 &&
  interaction.premises.length === 0 &&
  legs.every((leg) => leg.is === 'written' && leg.transition.machine === id)

/** The part of a bundle that is about one machine alone. */
const partOf = (id: MachineId, { charters, steps }: Bundle): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: charters.filter((one) => machineId(one) === id),
  steps: steps.filter((one) => isOwnStep(id, one)),
})

/** Whether a bundle shows something new of a machine. */
const take = (of: Shelved, id: MachineId, bundle: Bundle): boolean => {
  const part = partOf(id, bundle)
  if (part.charters.length + part.steps.length === 0) return false
  const known = of.known.get(id)
  const waiting = of.waiting.get(id) ?? []
  const had: Bundle = known
    ? { ...EMPTY_BUNDLE, charters: [known.charter], steps: known.steps }
    : EMPTY_BUNDLE
  const whole = faultFrom(() => joinBundles([had, ...waiting, part]))
  if (isFault(whole)) return false
  const [charter] = whole.charters
  const kept = charter && firmIn(of, charter, whole)
  const isNew = kept !== undefined && kept.steps.length > (known?.steps.length ?? -1)
  if (kept && isNew) of.known.set(id, kept)
  // A later part may have come before the one that it builds on.
  else if (part.steps.length > 0) {
    of.waiting.set(id, [...waiting, part].slice(-PROOFS_WAITING_MAX))
  }
  return isNew
}

/** The firm steps among those shown, checked on their own. */
const firmIn = (of: Shelved, charter: Charter, bundle: Bundle): Known | undefined => {
  const id = machineId(charter)
  const firm = new Set<string>(
    reportOn(of, bundle)
      .machines.find((one) => one.id === id)
      ?.steps.filter(({ standing }) => standing === 'final' || standing === 'contested')
      .map((one) => one.id),
  )
  const steps = bundle.steps
    .filter((one) => firm.has(idOf(charter, one) ?? ''))
    .sort((a, b) => (sequenceOf(a) < sequenceOf(b) ? -1 : 1))
  const report = reportOn(of, { ...EMPTY_BUNDLE, charters: [charter], steps })
  return report.machines.length === 0 ? undefined : { charter, steps, report }
}

const reportOn = ({ verifier }: Shelved, bundle: Bundle): Report =>
  verify(fileFromBundle(bundle), { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier })

const idOf = ({ terms }: Charter, { legs: [leg] }: BundleStep): string | undefined =>
  leg?.is === 'written' ? transitionId(terms.suite, leg.transition) : undefined

const sequenceOf = ({ legs: [leg] }: BundleStep): bigint =>
  leg?.is === 'written' ? leg.transition.sequence : 0n

// What goes out.

const missing = (what: string): Fault => new Fault('bundle/missing-fact', what)

const premiseOf = (of: Shelved, quoted: QuotedAnswer): Premise | Fault => {
  const oracle = of.oracles.find((one) => one.name === quoted.oracle)
  if (!oracle) {
    return new Fault('statechart/unknown-oracle', `the charter names no "${quoted.oracle}"`)
  }
  const known = of.known.get(oracle.machine)
  const given = known?.steps.filter((one) => answerIn(one.interaction, oracle, quoted.question))
  const [step, other] = given ?? []
  if (!known || !step) return missing(`nothing here shows that ${quoted.oracle} has answered`)
  const standing = known.report.machines[0]?.steps.find(
    (one) => one.id === idOf(known.charter, step),
  )
  if (other || standing?.standing === 'contested') {
    return new Fault('premise/contested', `${quoted.oracle} has signed two answers in one place`)
  }
  const said = answerIn(step.interaction, oracle, quoted.question)
  if (said !== quoted.answer) {
    return new Fault('premise/false', `${quoted.oracle} has answered ${JSON.stringify(said)}`)
  }
  const [leg] = step.legs
  if (leg?.is !== 'written') return missing('the step writes nothing')
  const { machine, suite, logic } = oracle
  return {
    is: 'fact',
    machine,
    transition: transitionId(known.charter.terms.suite, leg.transition),
    key: answerKey({ suite, logic: { machine, logic } }, quoted.question),
    value: answerValue(quoted.answer),
  }
}

/** What a step answers to a question, if that is what it does. */
const answerIn = (
  { operations }: Interaction,
  { machine, logic }: Oracle,
  question: string,
): string | undefined => {
  for (const one of operations) {
    if (one.machine !== machine || one.logic !== logic) continue
    const read = faultFrom(() => oracleOperation.decode(one.argument))
    if (!isFault(read) && read.question === question) return read.answer
  }
  return undefined
}

/** The newest time that certificates of a machine attest. */
const timeOf = (
  { known }: Shelved,
  machine: MachineId,
): Extract<Premise, { is: 'time' }> | undefined => {
  const steps = known.get(machine)?.report.machines[0]?.steps ?? []
  const last = steps.findLast(
    (one) => one.standing === 'final' && one.finality?.clock === 'attested',
  )
  const since = last?.finality?.since
  if (!last || since === undefined) return undefined
  return { is: 'time', machine, transition: last.id, atLeast: since }
}

const supported = (of: Shelved, made: Omit<Support, 'attachments'>): Support | Fault => {
  const attachments = attachmentsFor(of, made.premises)
  const size = attachments.reduce((sum, one) => sum + one.length, 0)
  return size <= CANDIDATE_ATTACHMENT_BYTES_MAX
    ? { ...made, attachments }
    : new Fault('candidate/too-large', `${size} bytes show what it rests on`)
}

/** One file for each machine, up to the last step that a premise names. */
const attachmentsFor = (of: Shelved, premises: readonly Premise[]): readonly Uint8Array[] =>
  [...new Set(premises.map((one) => one.machine))].flatMap((id) => {
    const known = of.known.get(id)
    if (!known) return []
    const named = new Set<string>(premises.map((one) => one.transition))
    const last = known.steps.findLastIndex((one) => named.has(idOf(known.charter, one) ?? ''))
    const steps = known.steps.slice(0, last + 1)
    return [fileFromBundle({ ...EMPTY_BUNDLE, charters: [known.charter], steps })]
  })

/** A file in parts that each fit an event, in their order. A step that is larger than that is left out. */
export const partsOfFile = (file: Uint8Array): readonly Uint8Array[] => {
  if (file.length <= PROOF_FILE_BYTES_MAX) return [file]
  const { charters, steps } = bundleFromFile(file)
  const parts: Uint8Array[] = []
  let taken: readonly BundleStep[] = []
  const fileOf = (some: readonly BundleStep[]): Uint8Array =>
    fileFromBundle({ ...EMPTY_BUNDLE, charters: parts.length === 0 ? charters : [], steps: some })
  for (const step of steps) {
    if (taken.length > 0 && fileOf([...taken, step]).length > PROOF_FILE_BYTES_MAX) {
      parts.push(fileOf(taken))
      taken = []
    }
    taken = [...taken, step]
  }
  return [...parts, fileOf(taken)].filter((one) => one.length <= PROOF_FILE_BYTES_MAX)
}
