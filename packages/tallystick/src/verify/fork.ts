/**
 * Forks: who signed two steps that exclude each other, and what each of the steps promised to whom.
 *
 * Files that contradict each other are held side by side, and pieces of evidence with them. What comes out convicts the key
 * that signed twice and nobody else; everything beside it is for people and for claims against a bond.
 *
 * Promise. A send is listed only if it is shown to stand under the state root of one of the two steps: because the step was
 * run from its charter in one of the files, or because a fact with a proof under that very root says so. A file in
 * which something is false takes nothing away from the others: the true ones are compared by themselves first.
 *
 * Not promised. That the files hold every step that the key signed at the place, or that a send was not made good since.
 */
import type { TransitionId } from '../base/brand.ts'
import { equalBytes, hexFromBytes } from '../base/bytes.ts'
import { type Fault, faultFrom, isFault } from '../base/fault.ts'
import type { SuiteId } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import { signerOf } from '../kernel/controller.ts'
import { convict, type Evidence, evidence, type SignedStatement } from '../kernel/evidence.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Prefix } from '../kernel/logic.ts'
import { positionOf, statement } from '../kernel/statement.ts'
import { type Transition, transitionId } from '../kernel/transition.ts'
import { assetsIn, type Asset } from '../logic/ledger-asset.ts'
import { ledgerRecord, type Out, recordPath, recordsIn } from '../logic/ledger-record.ts'
import type { Owed } from '../logic/ledger-slash.ts'
import { checkFactAt, type Fact } from '../state/fact.ts'
import type { StateKey } from '../state/keys.ts'
import { type Proof, prove } from '../state/proof.ts'
import { type Bundle, bundleFromFile, EMPTY_BUNDLE, fileFromBundle } from './bundle.ts'
import { bodyFromFile, kindOfFile } from './file.ts'
import { joinBundles } from './join.ts'
import { createMemo } from './memo.ts'
import { insteadOf } from './own-account.ts'
import type { ConvictionReport, Standing } from './report.ts'
import { INCOMPLETE_CODES, type Node, type Run, type VerifyOptions } from './run.ts'
import { survey, type Survey } from './verify.ts'

/** A send of one asset that a step of a fork made. */
export type Harm = Owed & { readonly asset: Asset }

/** One of the steps that the key signed at the place. */
export type ForkBranch = {
  readonly id: TransitionId
  readonly transition: Transition
  /** What the key said of it; several statements if it voted more than once. */
  readonly signed: readonly SignedStatement[]
  /** Missing where no file holds the step itself. */
  readonly standing: Standing | undefined
  /** One line for each operation, where a file holds the step. */
  readonly described: readonly string[]
  readonly harms: readonly Harm[]
}

export type Fork = ConvictionReport & { readonly branches: readonly ForkBranch[] }

export type Forks = {
  readonly forks: readonly Fork[]
  /** What was false or missing in the files taken together, but for the contradictions themselves. */
  readonly faults: readonly Fault[]
  /** Everything in one: what the files say, for whoever wants to look at it. */
  readonly whole: Bundle
}

/** What a file says as a bundle: a piece of evidence is a bundle of itself. Raises `file/other-kind` and the codecs' faults. */
export const bundleFromAnyFile = (file: Uint8Array): Bundle => {
  if (kindOfFile(file) !== 'evidence') return bundleFromFile(file)
  return { ...EMPTY_BUNDLE, evidence: [evidence.decode(bodyFromFile('evidence', file))] }
}

/** Compares all that the bundles say. */
export const forksIn = (bundles: readonly Bundle[], given: VerifyOptions): Forks | Fault => {
  const options = { ...given, verifier: createMemo(given.verifier) }
  // A fact about a step that nobody remembers proves nothing to `survey`. Here it is held to the steps of a fork.
  const facts = bundles.flatMap((one) => one.facts)
  const bare = bundles.map((one) => ({ ...one, facts: [] }))
  const isTrue = (one: Bundle): boolean => {
    const alone = bare.length > 1 ? look(one, options) : undefined
    return alone === undefined || (!isFault(alone) && !isFalse(alone.run))
  }
  const [good, bad] = [bare.filter(isTrue), bare.filter((one) => !isTrue(one))]
  const whole = joinBundles([...good, ...bad])
  const looks = bad.length > 0 && good.length > 0 ? [joinBundles(good), whole] : [whole]
  const found = new Map<string, Fork>()
  const faults: Fault[] = []
  for (const bundle of looks) {
    const surveyed = look(bundle, options)
    if (isFault(surveyed)) return surveyed
    if (bundle === whole) faults.push(...surveyed.run.faults.filter(isNoContradiction))
    for (const one of surveyed.branches.convictions) {
      const key = [one.signer, one.kind, one.machine, one.sequence].join(' ')
      if (!found.has(key)) found.set(key, forkOf(surveyed, { conviction: one, whole, facts }))
    }
  }
  return { forks: [...found.values()], faults, whole: { ...whole, facts } }
}

const look = (bundle: Bundle, options: VerifyOptions): Survey | Fault => {
  const file = faultFrom(() => fileFromBundle(bundle))
  return isFault(file) ? file : survey(file, options)
}

const isNoContradiction = ({ code }: Fault): boolean => code !== 'bundle/contested'

const isFalse = ({ faults }: Run): boolean =>
  faults.some((one) => isNoContradiction(one) && !INCOMPLETE_CODES.has(one.code))

type ForkGround = {
  readonly conviction: ConvictionReport
  readonly whole: Bundle
  readonly facts: readonly Fact[]
}

const forkOf = (surveyed: Survey, of: ForkGround): Fork => {
  const { conviction } = of
  const { suite } = conviction.evidence
  const byStep = new Map<TransitionId, { transition: Transition; signed: SignedStatement[] }>()
  for (const one of statementsOf(surveyed, of)) {
    if (one.statement.is !== 'vote') continue
    const { transition } = one.statement
    const id = transitionId(suite, transition)
    const known = byStep.get(id)
    if (known) known.signed.push(one)
    else byStep.set(id, { transition, signed: [one] })
  }
  const branches = [...byStep].map(([id, one]): ForkBranch => {
    const node = surveyed.run.nodes.get(id)
    return {
      id,
      ...one,
      standing: surveyed.settlement.get(id)?.standing,
      described: node?.described ?? [],
      harms: harmsOf(surveyed, { id, transition: one.transition, ...of }),
    }
  })
  return { ...conviction, branches }
}

/** Everything that the convicted key was found to have said at the place, each statement once. */
const statementsOf = ({ run }: Survey, of: ForkGround): readonly SignedStatement[] => {
  const { conviction, whole } = of
  const { machine, sequence, evidence: held } = conviction
  const told: SignedStatement[] = [held.first, held.second]
  for (const one of whole.evidence) {
    const { machine: about, sequence: at } = positionOf(one.first.statement)
    const isSame = signerOf(one.suite, one) === conviction.signer
    if (!isSame || about !== machine || at !== sequence) continue
    if (!isFault(convict(one, run.verifier))) told.push(one.first, one.second)
  }
  for (const node of run.byMachine.get(machine) ?? []) {
    if (node.machine.head.sequence !== sequence || !node.parent) continue
    for (const one of node.attested()) {
      if (equalBytes(one.publicKey, held.publicKey) && one.scheme === held.scheme) told.push(one)
    }
  }
  const unique = new Map<string, SignedStatement>()
  for (const { statement: said, signature } of told) {
    const key = hexFromBytes(statement.encode(said))
    if (!unique.has(key)) unique.set(key, { statement: said, signature })
  }
  return [...unique.values()]
}

type AtStep = ForkGround & { readonly id: TransitionId; readonly transition: Transition }

/** What a step of a fork promised, from the run of it and from facts. In the order of assets, then of keys. */
const harmsOf = ({ run }: Survey, of: AtStep): readonly Harm[] => {
  const { id, transition, conviction, facts } = of
  const { suite } = conviction.evidence
  const found = new Map<string, Harm>()
  const keep = (asset: Asset, out: Out, proof: Proof): void => {
    const key = keyOf(suite, asset.prefix, out)
    const instead = insteadOf(of.whole.charters, out.to)
    found.set(`${asset.prefix.machine} ${asset.prefix.logic} ${key}`, {
      asset,
      step: id,
      out,
      proof,
      instead,
    })
  }
  const node = run.nodes.get(id)
  for (const asset of assetsIn(run.charters)) {
    for (const { out, proof } of node ? sentBy(node, asset.prefix) : []) keep(asset, out, proof)
    for (const one of facts) {
      const out = outOf(one, { suite, id, transition })
      if (out && keyOf(suite, asset.prefix, out) === one.key) keep(asset, out, one.proof)
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

/**
 * What a step sent, by its state. The state is cumulative: what earlier steps sent stands there too, and the fork harms none
 * of it. Behind a withheld step the state is known in part, and a fact has to show what was sent.
 */
const sentBy = (
  { machine }: Node,
  asset: Prefix,
): readonly { readonly out: Out; readonly proof: Proof }[] => {
  const records = faultFrom(() => recordsIn(machine, asset))
  const { suite } = machine.terms
  return (isFault(records) ? [] : records).flatMap((out) =>
    out.is === 'out' && out.interaction === machine.head.interaction
      ? [{ out, proof: prove(machine.state, keyOf(suite, asset, out)) }]
      : [],
  )
}

const keyOf = (suite: SuiteId, asset: Prefix, out: Out): StateKey =>
  pathKey(suite, asset, recordPath(out))

/** The send that a fact shows under the root of this very step, if it shows one. */
const outOf = (
  shown: Fact,
  { suite, id, transition }: Pick<AtStep, 'id' | 'transition'> & { readonly suite: SuiteId },
): Out | undefined => {
  if (shown.transition !== id) return undefined
  const place = { machine: transition.machine, transition: id, root: transition.state }
  const finding = faultFrom(() => checkFactAt(suite, shown, place))
  if (isFault(finding) || finding.is !== 'present') return undefined
  const record = faultFrom(() => ledgerRecord.decode(finding.value))
  const isOut = !isFault(record) && record.is === 'out'
  return isOut && record.interaction === transition.interaction ? record : undefined
}

/** Whoever was paid by a step that is final is whole, whatever else the payer signed. */
export const isHonoured = (of: ForkBranch): boolean => of.standing === 'final'

/**
 * The two steps to which most of these sends belong, as evidence: a key may have signed more than two, and a bond pays for
 * two of them. In doubt the evidence that was there.
 */
export const fullestEvidence = (of: Fork, harms: readonly Owed[], verifier: Verifier): Evidence => {
  const sums = of.branches.map(({ id }) =>
    harms.reduce((sum, one) => (one.step === id ? sum + one.out.amount : sum), 0n),
  )
  const sumOf = (of: readonly number[]): bigint =>
    of.reduce((sum, at) => sum + (sums[at] ?? 0n), 0n)
  const steps = stepsShownBy(of.evidence)
  let owed = sumOf([...of.branches.keys()].filter((at) => steps.includes(of.branches[at]?.id)))
  let best = of.evidence
  for (const [first, a] of of.branches.entries()) {
    for (const [second, b] of of.branches.entries()) {
      if (second <= first || sumOf([first, second]) <= owed) continue
      const pair = pairsOf(of.evidence, a, b).find((one) => !isFault(convict(one, verifier)))
      if (pair) [best, owed] = [pair, sumOf([first, second])]
    }
  }
  return best
}

const pairsOf = (held: Evidence, a: ForkBranch, b: ForkBranch): readonly Evidence[] =>
  a.signed.flatMap((first) => b.signed.map((second) => ({ ...held, first, second })))

const stepsShownBy = (of: Evidence): readonly (TransitionId | undefined)[] =>
  [of.first.statement, of.second.statement].map((one) =>
    one.is === 'vote' ? transitionId(of.suite, one.transition) : undefined,
  )

/** Whether one of the two statements is for this step. */
export const isShownBy = (of: Evidence, step: TransitionId): boolean =>
  stepsShownBy(of).includes(step)

export const isSameAsset = (a: Prefix, b: Prefix): boolean =>
  a.machine === b.machine && a.logic === b.logic
