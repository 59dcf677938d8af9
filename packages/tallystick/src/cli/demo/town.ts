/**
 * The town that demos play in: people, a directory of four operators, owned accounts and relationships of two, all in one
 * process. The roles are the real ones; this file is their shell: it signs, delivers and proves.
 */
import { randomBytes } from 'node:crypto'
import type { MachineId } from '../../base/brand.ts'
import { hexFromBytes } from '../../base/bytes.ts'
import { isFault } from '../../base/fault.ts'
import type { SuiteId } from '../../base/suite.ts'
import type { Engine } from '../../base/verifier.ts'
import { createNativeEngine } from '../../engine/native.ts'
import type { Charter, LogicTerms, Turn } from '../../kernel/charter.ts'
import type { Consent } from '../../kernel/consent.ts'
import type { Evidence } from '../../kernel/evidence.ts'
import { type Machine, openMachine } from '../../kernel/execute.ts'
import type { Operation, Premise } from '../../kernel/interaction.ts'
import type { ProvenPremise } from '../../kernel/logic.ts'
import type { Env } from '../../kernel/role.ts'
import type { Transition } from '../../kernel/transition.ts'
import { STANDARD_LOGICS } from '../../logic/registry.ts'
import { BILATERAL_TERMS } from '../../models/bilateral/policy.ts'
import { certificateFrom, directoryCertificate } from '../../models/directory/certificate.ts'
import type { Receipt } from '../../models/directory/evidence.ts'
import {
  beginOperator,
  createOperator,
  type OperatorState,
  vowName,
} from '../../models/directory/operator.ts'
import {
  beginOwner,
  createOwner,
  type OwnerInput,
  type OwnerState,
  type OwnerStep,
} from '../../models/directory/owner.ts'
import { type DirectoryPolicy, directoryTerms } from '../../models/directory/policy.ts'
import type { Answer, Submission } from '../../models/directory/submission.ts'
import { bundleStepFrom } from '../../verify/assemble.ts'
import { type Bundle, type BundleStep, EMPTY_BUNDLE } from '../../verify/bundle.ts'
import type { VerifyOptions } from '../../verify/run.ts'
import { STANDARD_MODELS } from '../../verify/standard.ts'
import { createPerson, type Person } from './people.ts'

export const NETWORK = 'demo'
const OPERATORS = ['north', 'east', 'south', 'west'] as const

export type Town = {
  readonly suite: SuiteId
  readonly engine: Engine
  readonly checks: VerifyOptions
  readonly policy: DirectoryPolicy
  readonly person: (name: string) => Person
  /** Opens a machine that one person owns and the directory certifies. */
  readonly open: (owner: Person, options?: OpenOptions) => Account
  /** What each operator holds against owners. */
  readonly accusations: () => readonly (readonly Evidence[])[]
  /** Genesis of every machine opened, by id. */
  readonly machines: Map<MachineId, Machine>
}

export type OpenOptions = {
  readonly others?: readonly Person[]
  readonly logics?: readonly LogicTerms[]
}

/** What an account is asked to do. */
export type AccountWish = {
  readonly operations: readonly Operation[]
  readonly premises?: readonly Premise[]
  readonly proven?: readonly ProvenPremise[]
  readonly beside?: readonly Machine[]
  readonly consents?: readonly Consent[]
}

export type Account = {
  readonly owner: Person
  readonly genesis: Machine
  readonly machine: () => Machine
  /** Takes a step and signs it; it is provisional until certified. */
  readonly take: (wish: AccountWish) => OwnerStep
  /** Hands the newest uncertified steps to the directory; returns how many receipts the last one has. */
  readonly certify: () => number
  /** What each operator said to the last step that was handed to it. */
  readonly answers: () => readonly Answer[]
  readonly bundle: () => Bundle
  /** A second device with the same key and the same memory: what a cheat uses. */
  readonly clone: () => Account
}

export const env = (): Env => ({
  now: BigInt(Date.now()),
  random: new Uint8Array(randomBytes(32)),
})

export const createTown = (suite: SuiteId): Town => {
  const engine = createNativeEngine()
  const operators = OPERATORS.map((name) => createPerson(engine, suite, name))
  const policy: DirectoryPolicy = {
    operators: operators.map(({ name, scheme, publicKey }) => ({ name, scheme, publicKey })),
    threshold: 3,
    faulty: 1,
  }
  const desks = operators.map((person) => createDesk(person, suite, engine))
  const machines = new Map<MachineId, Machine>()
  const town: Town = {
    suite,
    engine,
    policy,
    machines,
    checks: { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine },
    person: (name) => createPerson(engine, suite, name),
    accusations: () => desks.map((one) => one.accuses()),
    open: (owner, options = {}) => {
      const charter = charterOf(town, [owner, ...(options.others ?? [])], {
        turn: { is: 'owner', party: 0 },
        policy: directoryTerms(policy),
        logics: options.logics ?? [],
      })
      const genesis = openOrThrow(charter)
      machines.set(genesis.id, genesis)
      return accountFrom(town, desks, { owner, genesis, state: beginOwner(genesis, 0) })
    },
  }
  return town
}

/** A charter between people of one suite. */
export const charterOf = (
  town: Pick<Town, 'suite'>,
  people: readonly Person[],
  of: {
    readonly turn: Turn
    readonly policy?: Charter['terms']['policy']
    readonly logics?: readonly LogicTerms[]
  },
): Charter => ({
  network: NETWORK,
  nonce: new Uint8Array(randomBytes(32)),
  terms: {
    suite: town.suite,
    participants: people.map((one) => one.participant),
    turn: of.turn,
    policy: of.policy ?? BILATERAL_TERMS,
  },
  logics: of.logics ?? [],
  state: { is: 'tree' },
})

export const openOrThrow = (charter: Charter): Machine => {
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}

/** One operator with its shell: takes steps, signs, and answers. */
type Desk = {
  readonly answer: (charter: Charter, of: Submission) => Answer
  readonly hear: (evidence: Evidence) => void
  /** What it holds against owners. */
  readonly accuses: () => readonly Evidence[]
}

const createDesk = (person: Person, suite: SuiteId, engine: Engine): Desk => {
  const { scheme, publicKey } = person
  const role = createOperator({ suite, scheme, publicKey, verifier: engine })
  let state: OperatorState = beginOperator()
  const sign = (): void => {
    for (const effect of role.outstanding(state)) {
      if (effect.is !== 'sign') continue
      const digest = hexFromBytes(effect.digest)
      const signature = person.sign(effect.digest)
      state = role.step(state, { is: 'signed', digest, signature }, env())
    }
  }
  const receiptFor = ({ machine, sequence, state: root }: Transition): Receipt | undefined => {
    for (const effect of role.outstanding(state)) {
      if (effect.is !== 'receipt') continue
      const { transition, receipt } = effect
      const isSame = transition.machine === machine && transition.sequence === sequence
      if (isSame && transition.state === root) return receipt
    }
    return undefined
  }
  return {
    answer: (charter, submission) => {
      state = role.step(state, { is: 'submit', charter, submission }, env())
      sign()
      const own = receiptFor(submission.transition)
      if (own) return { is: 'receipt', receipt: own }
      const by = state.vows.get(vowName(submission.transition))?.submission
      const receipt = by && receiptFor(by.transition)
      if (by && receipt) return { is: 'taken', by, receipt }
      const fault = state.refusals.at(-1)
      return { is: 'refused', code: fault?.code ?? 'unknown', text: fault?.message ?? '' }
    },
    hear: (evidence) => {
      state = role.step(state, { is: 'evidence', evidence }, env())
    },
    accuses: () => state.forks,
  }
}

/** Operators hand each other what they hold, as they do over their network. */
const spread = (desks: readonly Desk[]): void => {
  const held = desks.flatMap((one) => one.accuses())
  for (const desk of desks) for (const one of held) desk.hear(one)
}

type Held = { readonly owner: Person; readonly genesis: Machine; readonly state: OwnerState }

const accountFrom = (town: Town, desks: readonly Desk[], held: Held): Account => {
  const { owner, genesis } = held
  const role = createOwner({ logics: STANDARD_LOGICS, verifier: town.engine })
  let state = held.state
  const feed = (input: OwnerInput): void => {
    const refusals = state.refusals.length
    state = role.step(state, input, env())
    const fault = state.refusals.at(-1)
    if (state.refusals.length > refusals && fault) throw fault
  }
  let answers: readonly Answer[] = []
  const certifyOne = (step: OwnerStep): number => {
    const { transition, interaction, consents, signature } = step
    const parent =
      state.steps.find((one) => one.transition.sequence === transition.sequence - 1n)?.transition ??
      genesis.head
    if (!signature) return 0
    const submission = { transition, parent, interaction, consents, proposal: signature }
    answers = desks.map((desk) => desk.answer(genesis.charter, submission))
    spread(desks)
    const receipts = answers.flatMap((one) => (one.is === 'receipt' ? [one.receipt] : []))
    if (receipts.length < town.policy.threshold) return receipts.length
    const certificate = directoryCertificate.encode(certificateFrom(receipts))
    feed({ is: 'certified', sequence: transition.sequence, certificate })
    return receipts.length
  }
  return {
    owner,
    genesis,
    machine: () => state.machine,
    take: (wish) => {
      feed({
        is: 'wish',
        operations: wish.operations,
        premises: wish.premises ?? [],
        proven: wish.proven ?? [],
        beside: wish.beside ?? [],
        consents: wish.consents ?? [],
      })
      for (const effect of role.outstanding(state)) {
        if (effect.is !== 'sign') continue
        const digest = hexFromBytes(effect.digest)
        feed({ is: 'signed', digest, signature: owner.sign(effect.digest) })
      }
      const taken = state.steps.at(-1)
      if (!taken) throw new Error('the step was taken and is not there')
      return taken
    },
    certify: () => {
      let receipts = 0
      for (const step of state.steps) if (!step.certificate) receipts = certifyOne(step)
      return receipts
    },
    answers: () => answers,
    bundle: () => ({
      ...EMPTY_BUNDLE,
      charters: chartersOf(town, genesis, state.steps),
      steps: state.steps.map((step) => ownerBundleStep(town, step)),
    }),
    clone: () => accountFrom(town, desks, { owner, genesis, state }),
  }
}

const ownerBundleStep = (town: Town, step: OwnerStep): BundleStep =>
  bundleStepFrom(
    {
      interaction: step.interaction,
      transition: step.transition,
      consents: step.consents,
      proposal: step.signature ? [{ key: 0, signature: step.signature }] : [],
      certificate: step.certificate,
    },
    (machine) => town.machines.get(machine)?.headId,
  )

/** The machine's own charter and those of every machine that its steps refer to. */
export const chartersOf = (
  town: Pick<Town, 'machines'>,
  genesis: Machine,
  steps: readonly Pick<OwnerStep, 'interaction'>[],
): readonly Charter[] => {
  const ids = new Set(steps.flatMap((one) => one.interaction.legs.map((leg) => leg.machine)))
  ids.delete(genesis.id)
  const others = [...ids].map((id) => town.machines.get(id)?.charter)
  return [genesis.charter, ...others.filter((one) => one !== undefined)]
}
