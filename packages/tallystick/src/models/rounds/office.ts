/**
 * Where an operator of a shared machine stands: under which parent, with whom, from which seat.
 *
 * Promise. There are rounds only under the newest certified step that the operator has, and only if its vows are about that
 * very place. Whoever is not in office, because the terms are others by now, watches and signs nothing.
 */
import { equalBytes } from '../../base/bytes.ts'
import { SHARED_STEPS_MAX } from '../../base/limits.ts'
import type { QuorumSigner } from '../../kernel/quorum.ts'
import type { Env, Role } from '../../kernel/role.ts'
import type { RoundInstance, RoundRules, RoundState } from '../../kernel/round-state.ts'
import { createRounds, ROUND_RULES, type RoundEffect, type RoundInput } from '../../kernel/round.ts'
import type { Millis } from '../../kernel/verdict.ts'
import type { CandidateOptions } from './candidate.ts'
import type { Followed } from './agreed-step.ts'
import { isInPlace, type MemberState, type Run } from './member-state.ts'
import { modelOf, type RoundModel } from './round-model.ts'

export type MemberOptions = CandidateOptions & {
  readonly publicKey: Uint8Array
  /** The models whose rounds the certifier takes part in. */
  readonly rounds: readonly RoundModel[]
  /** Milliseconds that a first round may take. */
  readonly patience: bigint
  /** Broken ones in tests. */
  readonly rules?: RoundRules
}

export type Office = {
  readonly model: RoundModel
  readonly instance: RoundInstance
  readonly rounds: Role<RoundState, RoundInput, RoundEffect>
  /** Milliseconds that the certifier stays out of a decision; 0 where it takes part at once. */
  readonly waits: Millis
}

/** The rounds that decide the next step; undefined where the terms have none, or the member is not in their place. */
export const officeOf = (options: MemberOptions, state: MemberState): Office | undefined => {
  // Without a store that follows, the member would forget what it must hand on.
  if (!isInPlace(state) || state.unkept.length >= SHARED_STEPS_MAX) return undefined
  const { attested } = state
  const { isCalled } = state.run
  const known = offices.get(state.followed)
  if (known?.options === options && known.attested === attested && known.isCalled === isCalled) {
    return known.office
  }
  const office = createOffice(options, state)
  offices.set(state.followed, { options, attested, isCalled, office })
  return office
}

/** Made once under each parent, unless the own attested time changes: who leads which round takes a hash for each signer. */
const offices = new WeakMap<
  Followed,
  Pick<MemberState, 'attested'> &
    Pick<Run, 'isCalled'> & {
      readonly options: MemberOptions
      readonly office: Office | undefined
    }
>()

const createOffice = (
  options: MemberOptions,
  { followed: { machine, since = 0n }, attested, run }: MemberState,
): Office | undefined => {
  const model = modelOf(options.rounds, machine.terms)
  const quorum = model?.quorumIn(machine.terms)
  if (!model || !quorum) return undefined
  const seat = seatIn(quorum.signers, options.publicKey)
  const waits = seat < 0 ? 0n : (model.waitsFor?.(machine.terms, seat) ?? 0n)
  const instance: RoundInstance = {
    suite: machine.terms.suite,
    machine: machine.id,
    parent: machine.headId,
    sequence: machine.head.sequence + 1n,
    quorum,
    seat: seat < 0 || (waits > 0n && !run.isCalled) ? undefined : seat,
    patience: options.patience,
    notBefore: since > attested ? since : attested,
  }
  return { model, instance, rounds: createRounds(instance, options.rules ?? ROUND_RULES), waits }
}

/** When one who only helps out is called; undefined for everybody else, and while there is nothing to decide. */
export const calledAt = (
  { waits }: Office,
  { run, followed: { since = 0n } }: MemberState,
): Millis | undefined => {
  if (waits === 0n || run.isCalled || run.waitsSince === undefined) return undefined
  return (run.waitsSince > since ? run.waitsSince : since) + waits
}

/** The position of a key, or −1. */
export const seatIn = (signers: readonly QuorumSigner[], publicKey: Uint8Array): number =>
  signers.findIndex((one) => equalBytes(one.publicKey, publicKey))

/** The state after the round engine has taken an input in. */
export const fed = (
  options: MemberOptions,
  state: MemberState,
  input: RoundInput,
  env: Env,
): MemberState => {
  const office = officeOf(options, state)
  if (!office) return state
  const rounds = office.rounds.step(state.run.rounds, input, env)
  if (rounds === state.run.rounds) return state
  const waitsSince = state.run.waitsSince ?? (rounds.since === undefined ? undefined : env.now)
  return {
    ...state,
    run: { ...state.run, rounds, waitsSince },
    attested: rounds.own === state.run.rounds.own ? state.attested : latestIn(state, rounds),
  }
}

const latestIn = ({ attested }: MemberState, { own }: RoundState): Millis =>
  own.reduce(
    (latest, { statement }) =>
      statement.is === 'vote' && statement.time > latest ? statement.time : latest,
    attested,
  )
