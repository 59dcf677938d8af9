/**
 * Sabotage: what a run breaks on purpose, to show that a checker notices. A checker that was never seen to fail may be
 * blind. Nothing here is set when a simulation looks for bugs.
 */
import type { LogicRegistry } from '../kernel/logic.ts'
import type { Role } from '../kernel/role.ts'
import type { PartyEffect, PartyInput, PartyState } from '../models/bilateral/state.ts'
import type { OperatorEffect, OperatorInput, OperatorState } from '../models/directory/operator.ts'
import type { CustodianEffect, CustodianInput } from '../models/custodians/custodian.ts'
import type { CustodianState } from '../models/custodians/custodian-state.ts'
import type { Prove } from '../models/rounds/candidate.ts'
import type { MemberEffect } from '../models/rounds/member-effects.ts'
import type { MemberInput } from '../models/rounds/member.ts'
import type { MemberState } from '../models/rounds/member-state.ts'
import type { RoundRules } from '../kernel/round-state.ts'
import type { OwnerEffect, OwnerInput, OwnerState } from '../models/directory/owner.ts'
import type { Directory } from './directory-town.ts'
import type { RunOptions } from './world.ts'

export type PartyRole = Role<PartyState, PartyInput, PartyEffect>

export type OwnerRole = Role<OwnerState, OwnerInput, OwnerEffect>
export type OperatorRole = Role<OperatorState, OperatorInput, OperatorEffect>

export type CustodianRole = Role<CustodianState, CustodianInput, CustodianEffect>

export type MemberRole = Role<MemberState, MemberInput, MemberEffect>

export type Sabotage = RunOptions & {
  /** Puts another role in the place of a party's. */
  readonly party?: (role: PartyRole, party: number) => PartyRole
  /** Rules of the state other than the standard ones, for everybody. */
  readonly logics?: LogicRegistry
  /** Puts other roles in the place of the payer's and of each operator's. */
  readonly owner?: (role: OwnerRole) => OwnerRole
  readonly operator?: (role: OperatorRole) => OperatorRole
  /** Puts another role in the place of each operator's on a shared machine, or other rules for its rounds. */
  readonly member?: (role: MemberRole) => MemberRole
  readonly rules?: RoundRules
  /** Puts another role in the place of each custodian's. */
  readonly custodian?: (role: CustodianRole) => CustodianRole
  /** Custodians look at premises in another way. */
  readonly prove?: Prove
  /** Another directory than one of four. */
  readonly directory?: Directory
  /** Operators that have a twin; one if missing, as many as the policy allows for. */
  readonly operatorTwins?: number
  /** `credulous`: whatever is shown to prove a premise counts as certified. `reckless`: a payee's cap is forgotten. */
  readonly payee?: 'credulous' | 'reckless'
  /** `lost`: the guard file goes back together with the store, though the restore is noticed. */
  readonly guard?: 'lost'
}
