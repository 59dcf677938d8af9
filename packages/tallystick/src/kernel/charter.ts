/**
 * Charters: what the participants of a machine agree to before its first step.
 *
 * Promise. A machine's id is the hash of its charter, so nobody can be shown one machine under two sets of
 * terms. The genesis transition follows from the charter alone. The network's name is part of the charter and with
 * it of every signed byte string (attack: a step of a test network replayed on the real one).
 *
 * The *terms* (suite, participants, turn, policy) may be changed later by an `amend` step; network, logics and the
 * form of the state stay for the machine's life.
 */
import type { MachineId } from '../base/brand.ts'
import {
  bytes,
  type Codec,
  fixedBytes,
  list,
  literal,
  struct,
  text,
  u8,
  u64,
  union,
} from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { hashId } from '../base/hash.ts'
import { LOGICS_MAX, NAME_BYTES_MAX, PARAMS_BYTES_MAX, PARTICIPANTS_MAX } from '../base/limits.ts'
import { suite, type SuiteId } from '../base/suite.ts'
import { TAGS } from '../base/tags.ts'
import type { Verifier } from '../base/verifier.ts'
import { checkController, type Participant, participant } from './controller.ts'

/**
 * Who may propose the next step.
 * `owner`: one party, alone, on a machine whose certifiers are others. `leader`: one party proposes, the others
 * send requests. `alternate`: party (n − 1) mod count proposes step n. `anyone`: certifiers need rounds.
 */
export type Turn =
  | { readonly is: 'owner'; readonly party: number }
  | { readonly is: 'leader'; readonly party: number }
  | { readonly is: 'alternate' }
  | { readonly is: 'anyone' }

/**
 * The reserved kind of policy under which nobody can certify: a machine whose terms were changed to it, or that began
 * with it, takes no further step. It has no parameters.
 */
export const CLOSED = 'closed'

/** Who has to agree before a step is final: the name of a model and its parameters, in the model's codec. */
export type PolicyTerms = { readonly kind: string; readonly params: Uint8Array }

export type Terms = {
  readonly suite: SuiteId
  readonly participants: readonly Participant[]
  readonly turn: Turn
  readonly policy: PolicyTerms
}

export type LogicTerms = { readonly name: string; readonly params: Uint8Array }

/** A tree of keys and values, or four 64-bit cells held in the 32 bytes of the state field itself. */
export type StateForm =
  | { readonly is: 'tree' }
  | { readonly is: 'cells'; readonly cells: readonly bigint[] }

export type Charter = {
  readonly network: string
  /** Sets apart two machines with the same terms. */
  readonly nonce: Uint8Array
  readonly terms: Terms
  readonly logics: readonly LogicTerms[]
  readonly state: StateForm
}

export const turn: Codec<Turn> = union<Turn>({
  owner: struct({ is: literal('owner'), party: u8 }),
  leader: struct({ is: literal('leader'), party: u8 }),
  alternate: struct({ is: literal('alternate') }),
  anyone: struct({ is: literal('anyone') }),
})

export const terms: Codec<Terms> = struct<Terms>({
  suite,
  participants: list(participant, PARTICIPANTS_MAX),
  turn,
  policy: struct<PolicyTerms>({ kind: text(NAME_BYTES_MAX), params: bytes(PARAMS_BYTES_MAX) }),
})

const stateForm: Codec<StateForm> = union<StateForm>({
  tree: struct({ is: literal('tree') }),
  cells: struct({ is: literal('cells'), cells: list(u64, 4) }),
})

export const charter: Codec<Charter> = struct<Charter>({
  network: text(NAME_BYTES_MAX),
  nonce: fixedBytes(32),
  terms,
  logics: list(
    struct<LogicTerms>({ name: text(NAME_BYTES_MAX), params: bytes(PARAMS_BYTES_MAX) }),
    LOGICS_MAX,
  ),
  state: stateForm,
})

/**
 * The machine's id: the tagged hash of the charter's canonical bytes, in the charter's own suite; made once for each object,
 * which never changes.
 */
export const machineId = (of: Charter): MachineId => {
  const known = ids.get(of)
  if (known !== undefined) return known
  const id = hashId<'machine'>(of.terms.suite, TAGS.charter, charter.encode(of))
  ids.set(of, id)
  return id
}

const ids = new WeakMap<Charter, MachineId>()

/** The party whose turn it is at a sequence number, or `anyone`. */
export const proposerAt = (of: Terms, sequence: bigint): number | 'anyone' => {
  switch (of.turn.is) {
    case 'owner':
    case 'leader':
      return of.turn.party
    case 'alternate':
      return Number((sequence - 1n) % BigInt(of.participants.length))
    case 'anyone':
      return 'anyone'
  }
}

/**
 * Checks terms by themselves; the model checks its policy in `admit`.
 * Returns `charter/no-participants`, `charter/duplicate-name`, `charter/unknown-party` or a controller's fault.
 */
export const checkTerms = (checked: Terms, verifier: Verifier): Fault | undefined => {
  if (checked.participants.length === 0) {
    return new Fault('charter/no-participants', 'a machine has at least one participant')
  }
  const names = new Set<string>()
  for (const one of checked.participants) {
    if (one.name === '' || names.has(one.name)) {
      return new Fault('charter/duplicate-name', `the name "${one.name}" is empty or taken`)
    }
    names.add(one.name)
    const fault = checkController(checked.suite, one.controller, verifier)
    if (fault) return fault.at({ party: one.name })
  }
  if ('party' in checked.turn && checked.turn.party >= checked.participants.length) {
    return new Fault('charter/unknown-party', `turn names party ${checked.turn.party}`)
  }
  return undefined
}

/** As `checkTerms`, and the form of the state: `charter/bad-cells`. */
export const checkCharter = (checked: Charter, verifier: Verifier): Fault | undefined => {
  if (checked.state.is === 'cells' && checked.state.cells.length !== 4) {
    return new Fault('charter/bad-cells', `${checked.state.cells.length} cells where 4 belong`)
  }
  return checkTerms(checked.terms, verifier)
}
