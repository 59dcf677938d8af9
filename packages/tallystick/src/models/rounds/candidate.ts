/**
 * Candidates: steps that somebody wants on a shared machine, and what certifiers make of them.
 *
 * Promise. A candidate has no header of its own. Whoever holds the machine at its parent runs the logic and comes to the
 * same child, so nobody can be made to vote for a state that does not follow. Somebody stands behind it (attack: strangers
 * fill the certifiers' memory): a participant who has consented, or where each operation carries a consent within and the
 * logic accepts it, whoever gave that. It is pinned at its parent, so that consents to it cannot be used again at a later
 * head; a consent that is carried is kept from that by the logic.
 *
 * What it relies on elsewhere is shown with it: its attachments are files in which whoever judges it finds each premise true and
 * firm by that machine's own certificates (docs/decisions/0027). They are no part of what is signed. One copy of a candidate
 * may come with files that show nothing and be refused, and the next with better ones; what it leads to is the same.
 *
 * Not promised. That it uses all that an interaction can: on a shared machine a step writes this machine alone, reads no
 * other, and refers to others by their charters only. That a premise can be shown: its history has to fit the attachments.
 *
 * Cheap before dear: legs and sizes, consents, execution as if each premise held, and then the premises.
 */
import type { MachineId } from '../../base/brand.ts'
import { bytes, type Codec, list, struct } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import {
  ATTACHMENTS_MAX,
  CANDIDATE_ATTACHMENT_BYTES_MAX,
  CONSENTS_MAX,
  LEGS_MAX,
} from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type Charter, charter, machineId } from '../../kernel/charter.ts'
import { checkConsent, type Consent, consent, consentsOf } from '../../kernel/consent.ts'
import { execute, type Machine, openMachine } from '../../kernel/execute.ts'
import {
  type Interaction,
  interaction,
  interactionId,
  type Operation,
  type Premise,
} from '../../kernel/interaction.ts'
import type { Carried, LogicRegistry } from '../../kernel/logic.ts'
import type { ModelRegistry } from '../../kernel/model.ts'
import { checkNextTerms } from './next-terms.ts'

export type Candidate = {
  readonly interaction: Interaction
  readonly consents: readonly Consent[]
  /** Charters of the machines that it refers to. */
  readonly beside: readonly Charter[]
  /** Files that show its premises, for `CandidateOptions.prove`; opaque here. */
  readonly attachments: readonly Uint8Array[]
}

export const candidate: Codec<Candidate> = struct<Candidate>({
  interaction,
  consents: list(consent, CONSENTS_MAX),
  beside: list(charter, LEGS_MAX),
  attachments: list(bytes(CANDIDATE_ATTACHMENT_BYTES_MAX), ATTACHMENTS_MAX),
})

/**
 * Why files do not show that premises hold and are firm; undefined where they do. A function of its arguments, so that
 * everybody who is shown the same files says the same.
 */
export type Prove = (
  attachments: readonly Uint8Array[],
  premises: readonly Premise[],
) => Fault | undefined

export type CandidateOptions = {
  /** Missing where nothing can be proven: then candidates with premises are refused. */
  readonly prove?: Prove
  readonly logics: LogicRegistry
  readonly models: ModelRegistry
  readonly verifier: Verifier
}

/**
 * The machine after a candidate. Returns `candidate/other-legs`, `candidate/premises`, `candidate/too-large`,
 * `candidate/no-consent`, or a fault of a consent, of the execution, of new terms or of what shows the premises.
 */
export const tryCandidate = (
  options: CandidateOptions,
  machine: Machine,
  of: Candidate,
): Machine | Fault => {
  const place = { machine: machine.id, step: machine.head.sequence + 1n }
  const fault =
    checkShape(options, machine, of) ?? faultFrom(() => checkConsents(options, machine, of))
  if (fault) return fault.at(place)
  const machines = faultFrom(() => machinesOf(options, machine, of))
  if (isFault(machines)) return machines.at(place)
  const consented = consentsOf(machine.terms, machine.id, of.consents)
  const done = execute({
    interaction: of.interaction,
    machines,
    logics: options.logics,
    consents: (id: MachineId, party: number) => id === machine.id && consented(party),
    proven: of.interaction.premises,
    verifier: options.verifier,
  })
  if (isFault(done)) return done
  const [after] = done.written
  if (!after) return new Fault('candidate/other-legs', 'nothing is written', place)
  const unlike =
    after.terms === machine.terms ? undefined : checkNextTerms(options, machine.terms, after.terms)
  return (unlike ?? checkPremises(options, of))?.at(place) ?? after
}

/** What was taken for granted until here. A premise that does not hold is no reason to say more than that. */
const checkPremises = (options: CandidateOptions, of: Candidate): Fault | undefined => {
  const { premises } = of.interaction
  return premises.length === 0 ? undefined : options.prove?.(of.attachments, premises)
}

/** Who stands behind a candidate that was found valid; `isParticipant` where the terms name them. */
export type Backer = { readonly name: string; readonly isParticipant: boolean }

export const backerOf = (
  options: Pick<CandidateOptions, 'logics'>,
  machine: Machine,
  of: Candidate,
): Backer | undefined => {
  const { participants } = machine.terms
  const [party] = consentingParties(machine, of)
  const named = party === undefined ? undefined : participants[party]
  if (named) return { name: named.name, isParticipant: true }
  const by = carriedIn(options, machine, of.interaction)?.[0]?.by
  if (by === undefined) return undefined
  return { name: by, isParticipant: participants.some((one) => one.name === by) }
}

/** The consents that operations carry, where there are operations and each carries one; else undefined. */
export const carriedIn = (
  { logics }: Pick<CandidateOptions, 'logics'>,
  machine: Machine,
  { operations }: Pick<Interaction, 'operations'>,
): readonly Carried[] | undefined => {
  const { charter: of } = machine
  const known = readings.get(operations)
  if (known?.logics === logics && known.charter === of) return known.carried
  const found = operations.flatMap((one) => {
    const use = one.machine === machine.id ? of.logics[one.logic] : undefined
    const carried = use && logics.get(use.name)?.carries?.(one.argument, use.params)
    return carried ? [carried] : []
  })
  const carried = found.length > 0 && found.length === operations.length ? found : undefined
  readings.set(operations, { logics, charter: of, carried })
  return carried
}

/** Read once for each list of operations, which never changes. */
const readings = new WeakMap<
  readonly Operation[],
  {
    readonly logics: LogicRegistry
    readonly charter: Charter
    readonly carried: readonly Carried[] | undefined
  }
>()

/** Who has consented with its threshold, in the order of the terms. */
export const consentingParties = (machine: Machine, of: Candidate): readonly number[] => {
  const consented = consentsOf(machine.terms, machine.id, of.consents)
  return [...machine.terms.participants.keys()].filter((party) => consented(party))
}

const checkShape = (
  options: CandidateOptions,
  machine: Machine,
  of: Candidate,
): Fault | undefined => {
  for (const { machine: id, access } of of.interaction.legs) {
    if (access === (id === machine.id ? 'write' : 'refer')) continue
    return new Fault('candidate/other-legs', `a leg on ${id} with access "${access}"`)
  }
  const count = of.interaction.premises.length
  if (count > 0 && !options.prove) {
    return new Fault('candidate/premises', `${count} premises where none can be proven`)
  }
  // What nothing rests on is carried by everybody and read by nobody (attack: a valid candidate made heavy).
  if (count === 0 && of.attachments.length > 0) {
    return new Fault('candidate/premises', 'files are attached, and nothing rests on them')
  }
  const size = of.attachments.reduce((sum, one) => sum + one.length, 0)
  return size <= CANDIDATE_ATTACHMENT_BYTES_MAX
    ? undefined
    : new Fault(
        'candidate/too-large',
        `${size} bytes attached, at most ${CANDIDATE_ATTACHMENT_BYTES_MAX}`,
      )
}

const checkConsents = (
  options: CandidateOptions,
  machine: Machine,
  of: Candidate,
): Fault | undefined => {
  const { verifier } = options
  if (!backerOf(options, machine, of)) {
    return new Fault('candidate/no-consent', 'nobody stands behind the candidate')
  }
  const id = interactionId(of.interaction)
  for (const one of of.consents) {
    const fault =
      one.machine === machine.id
        ? checkConsent(machine.terms, id, one, verifier)
        : new Fault('consent/unknown-leg', `a consent on ${one.machine}, which is not written`)
    if (fault) return fault
  }
  return undefined
}

/** The machine, and those beside it at their genesis: their terms and rules are all that a step may look at. */
const machinesOf = (
  { logics }: CandidateOptions,
  machine: Machine,
  of: Candidate,
): ReadonlyMap<MachineId, Machine> => {
  const machines = new Map([[machine.id, machine]])
  for (const one of of.beside) {
    const id = machineId(one)
    if (machines.has(id) || !of.interaction.legs.some((leg) => leg.machine === id)) {
      throw new Fault('candidate/other-legs', `the charter of ${id} belongs to no leg`)
    }
    const opened = openMachine(one, logics)
    if (isFault(opened)) throw opened
    machines.set(id, opened)
  }
  return machines
}
