/**
 * Candidates: steps that somebody wants on a shared machine, and what certifiers make of them.
 *
 * Promise. A candidate has no header of its own. Whoever holds the machine at its parent runs the logic and comes to the
 * same child, so nobody can be made to vote for a state that does not follow. Somebody stands behind it (attack: strangers
 * fill the certifiers' memory): a participant who has consented, or where each operation carries a consent within and the
 * logic accepts it, whoever gave that. It is pinned at its parent, so that consents to it cannot be used again at a later
 * head; a consent that is carried is kept from that by the logic.
 *
 * Not promised. That it uses all that an interaction can: on a shared machine a step writes this machine alone, reads no
 * other, refers to others by their charters only, and relies on no premise. What rests on other machines would need their
 * histories at every operator.
 *
 * Cheap before dear: legs and premises, consents, execution.
 */
import type { MachineId } from '../../base/brand.ts'
import { type Codec, list, struct } from '../../base/codec.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { CONSENTS_MAX, LEGS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type Charter, charter, machineId } from '../../kernel/charter.ts'
import { checkConsent, type Consent, consent, consentsOf } from '../../kernel/consent.ts'
import { execute, type Machine, openMachine } from '../../kernel/execute.ts'
import {
  type Interaction,
  interaction,
  interactionId,
  type Operation,
} from '../../kernel/interaction.ts'
import type { Carried, LogicRegistry } from '../../kernel/logic.ts'
import type { ModelRegistry } from '../../kernel/model.ts'
import { checkNextTerms } from './next-terms.ts'

export type Candidate = {
  readonly interaction: Interaction
  readonly consents: readonly Consent[]
  /** Charters of the machines that it refers to. */
  readonly beside: readonly Charter[]
}

export const candidate: Codec<Candidate> = struct<Candidate>({
  interaction,
  consents: list(consent, CONSENTS_MAX),
  beside: list(charter, LEGS_MAX),
})

export type CandidateOptions = {
  readonly logics: LogicRegistry
  readonly models: ModelRegistry
  readonly verifier: Verifier
}

/**
 * The machine after a candidate. Returns `candidate/other-legs`, `candidate/premises`, `candidate/no-consent`, or a fault
 * of a consent, of the execution or of new terms.
 */
export const tryCandidate = (
  options: CandidateOptions,
  machine: Machine,
  of: Candidate,
): Machine | Fault => {
  const place = { machine: machine.id, step: machine.head.sequence + 1n }
  const fault = checkShape(machine, of) ?? faultFrom(() => checkConsents(options, machine, of))
  if (fault) return fault.at(place)
  const machines = faultFrom(() => machinesOf(options, machine, of))
  if (isFault(machines)) return machines.at(place)
  const consented = consentsOf(machine.terms, machine.id, of.consents)
  const done = execute({
    interaction: of.interaction,
    machines,
    logics: options.logics,
    consents: (id: MachineId, party: number) => id === machine.id && consented(party),
    proven: [],
    verifier: options.verifier,
  })
  if (isFault(done)) return done
  const [after] = done.written
  if (!after) return new Fault('candidate/other-legs', 'nothing is written', place)
  if (after.terms === machine.terms) return after
  return checkNextTerms(options, machine.terms, after.terms)?.at(place) ?? after
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

const checkShape = (machine: Machine, of: Candidate): Fault | undefined => {
  for (const { machine: id, access } of of.interaction.legs) {
    if (access === (id === machine.id ? 'write' : 'refer')) continue
    return new Fault('candidate/other-legs', `a leg on ${id} with access "${access}"`)
  }
  const count = of.interaction.premises.length
  return count === 0
    ? undefined
    : new Fault('candidate/premises', `${count} premises where none can be proven`)
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
