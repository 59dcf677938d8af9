/**
 * The hand-over story: one purse, from two people to a directory, from one set of operators to another, and back.
 *
 * Alice and Bob share a purse and co-sign each payment. Before Bob goes out of reach they hand it to four operators, so that
 * each can pay without the other. One operator is replaced by another while the purse is in use. At last they take it back
 * and pay with no net at all. It is one machine all the way, and one file shows it.
 */
import type { SuiteId } from '../../base/suite.ts'
import { terms, type Terms } from '../../kernel/charter.ts'
import { consentDigest } from '../../kernel/consent.ts'
import type { Machine } from '../../kernel/execute.ts'
import { AMEND, interactionId, type Operation } from '../../kernel/interaction.ts'
import { statementDigest } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'
import { operationOnLedger } from '../../logic/ledger-operation.ts'
import { ledgerParams } from '../../logic/ledger-params.ts'
import { balanceOf } from '../../logic/ledger-record.ts'
import { bilateralCertificate } from '../../models/bilateral/certificate.ts'
import { bilateralVote } from '../../models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../../models/bilateral/policy.ts'
import { stepsOf } from '../../models/bilateral/state.ts'
import type { AgreedStep } from '../../models/rounds/agreed-step.ts'
import type { Amendment } from '../../models/directory/amendment.ts'
import { applicationAt } from '../../models/rounds/applicant.ts'
import type { Candidate } from '../../models/rounds/candidate.ts'
import { acceptanceFrom, directoryCertificate } from '../../models/directory/certificate.ts'
import type { Acceptance } from '../../models/rounds/acceptance.ts'
import { type DirectoryPolicy, directoryTerms } from '../../models/directory/policy.ts'
import { bundleStepFrom, type StepParts } from '../../verify/assemble.ts'
import { type Bundle, EMPTY_BUNDLE } from '../../verify/bundle.ts'
import type { Person } from './people.ts'
import { createRelation, type Relation } from './relation.ts'
import { createTown, type Town } from './town.ts'

export const SYMBOL = 'TICK'
export const OPERATORS = ['north', 'east', 'south', 'west'] as const

export type Purse = {
  readonly town: Town
  readonly alice: Person
  readonly bob: Person
  readonly operators: readonly Person[]
  readonly relation: Relation
}

export const openPurse = (suite: SuiteId): Purse => {
  const town = createTown(suite)
  const [alice, bob] = [town.person('alice'), town.person('bob')]
  const params = ledgerParams.encode({
    symbol: SYMBOL,
    decimals: 0,
    cap: 1000n,
    issuer: undefined,
    initial: [alice, bob].map(({ name }) => ({ holder: name, amount: 100n })),
  })
  const relation = createRelation(town, [alice, bob], {
    turn: { is: 'leader', party: 0 },
    logics: [{ name: 'ledger/1', params }],
  })
  return { town, alice, bob, operators: OPERATORS.map((name) => town.person(name)), relation }
}

export const policyOf = (people: readonly Person[]): DirectoryPolicy => ({
  operators: people.map(({ name, scheme, publicKey }) => ({ name, scheme, publicKey })),
  threshold: 3,
  faulty: 1,
})

/** The same people under operators: anybody may propose, and operators agree which step is next. */
export const underOperators = (before: Terms, people: readonly Person[]): Terms => ({
  ...before,
  turn: { is: 'anyone' },
  policy: directoryTerms(policyOf(people)),
})

/** The same people by themselves. */
export const underBoth = (before: Terms): Terms => ({
  ...before,
  turn: { is: 'leader', party: 0 },
  policy: BILATERAL_TERMS,
})

export const changingTo = (machine: Machine, next: Terms): Operation => ({
  machine: machine.id,
  logic: AMEND,
  argument: terms.encode(next),
})

export const paying = (machine: Machine, from: Person, to: Person, amount: bigint): Operation =>
  operationOnLedger(
    { machine: machine.id, logic: 0 },
    {
      is: 'transfer',
      from: { machine: machine.id, holder: from.name },
      to: { machine: machine.id, holder: to.name },
      amount,
    },
  )

export const holds = (machine: Machine, who: Person): bigint =>
  balanceOf(machine, { machine: machine.id, logic: 0 }, who.name)

/** A step that these people want at a machine's head, with their consents. */
export const candidateBy = (
  { suite }: Town,
  machine: Machine,
  operation: Operation,
  people: readonly Person[],
): Candidate => {
  const interaction = applicationAt(machine, { operations: [operation], beside: [] })
  const digest = consentDigest(suite, interactionId(interaction))
  const consents = people.map((person) => {
    const party = machine.terms.participants.findIndex((one) => one.name === person.name)
    const signature = person.sign(digest)
    return { machine: machine.id, party, key: 0, form: 'raw', signature } as const
  })
  return { interaction, consents, beside: [], attachments: [] }
}

/** What operators need to take a purse over that two people have co-signed so far. */
export const amendmentOf = (relation: Relation, person: Person): Amendment => {
  const steps = stepsOf(relation.state(person))
  const [before, last] = [steps.at(-2), steps.at(-1)]
  if (!last) throw new Error('there is a last step')
  return {
    step: {
      transition: last.transition,
      parent: before?.transition ?? relation.genesis.head,
      interaction: last.interaction,
      consents: last.consents,
      proposal: new Uint8Array(0),
    },
    certificate: last.certificate,
  }
}

/** As `amendmentOf`, of a change that operators have agreed on. */
export const amendmentFrom = (parent: Transition, step: AgreedStep): Amendment => ({
  step: {
    transition: step.transition,
    parent,
    interaction: step.candidate.interaction,
    consents: step.candidate.consents,
    proposal: new Uint8Array(0),
  },
  certificate: step.certificate,
})

/** Steps in a file, whoever certified them. */
export type Chapter = readonly StepParts[]

export const coSigned = (relation: Relation, person: Person): Chapter =>
  stepsOf(relation.state(person)).map((one) => ({ ...one }))

export const agreed = (steps: readonly AgreedStep[]): Chapter =>
  steps.map(({ transition, candidate, certificate, accepted }) => ({
    transition,
    certificate,
    accepted,
    interaction: candidate.interaction,
    consents: candidate.consents,
  }))

/** The last step of a chapter with the acceptance of those who follow. */
export const acceptedBy = (chapter: Chapter, accepted: Uint8Array): Chapter =>
  chapter.map((one, at) => (at === chapter.length - 1 ? { ...one, accepted } : one))

export const acceptanceOf = (by: readonly Acceptance[]): Uint8Array =>
  directoryCertificate.encode(acceptanceFrom(by))

/** Both people sign that they go on from a step by themselves. */
export const acceptanceByBoth = (
  { suite }: Town,
  of: Transition,
  people: readonly Person[],
): Uint8Array =>
  bilateralCertificate.encode({
    round: 0,
    aborts: [],
    signatures: people.map((person, party) => ({
      party,
      key: 0,
      signature: person.sign(statementDigest(suite, bilateralVote(of, 0))),
    })),
  })

export const fileOf = ({ genesis }: Relation, chapters: readonly Chapter[]): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [genesis.charter],
  steps: chapters.flat().map((one) => bundleStepFrom(one, () => undefined)),
})
