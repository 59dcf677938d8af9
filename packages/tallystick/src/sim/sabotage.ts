/**
 * Sabotage: what a run breaks on purpose, to show that a checker notices. A checker that was never seen to fail may be
 * blind. Nothing here is set when a simulation looks for bugs.
 */
import type { LogicRegistry } from '../kernel/logic.ts'
import type { Role } from '../kernel/role.ts'
import type { PartyEffect, PartyInput, PartyState } from '../models/bilateral/state.ts'
import type { RunOptions } from './world.ts'

export type PartyRole = Role<PartyState, PartyInput, PartyEffect>

export type Sabotage = RunOptions & {
  /** Puts another role in the place of a party's. */
  readonly party?: (role: PartyRole, party: number) => PartyRole
  /** Rules of the state other than the standard ones, for everybody. */
  readonly logics?: LogicRegistry
  /** `lost`: the guard file goes back together with the store, though the restore is noticed. */
  readonly guard?: 'lost'
}
