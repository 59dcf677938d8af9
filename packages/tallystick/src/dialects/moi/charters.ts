/**
 * The machines of a MOI network, from their charters.
 *
 * The *network machine* carries the network's logic with the genesis in its parameters. It never takes a step; what it is there for
 * is to own the paths under which the network's values lie in every account. Each account is a machine of its own: a participant's,
 * an asset's, a logic's. Its charter follows from the account's identifier and the network machine, so whoever knows the network's
 * charter can make every other one of it, and nobody can be shown one account under two sets of terms.
 *
 * | field | network machine | account |
 * |---|---|---|
 * | network | the name that people gave it | the id of the network machine, in digits |
 * | nonce | zeros | the identifier |
 * | participants | the guardians | the same |
 * | turn, policy | anyone; KRAMA | the same |
 * | logics | `moi/1` with the genesis | none |
 *
 * Promise. Two networks that differ in anything, be it one balance of the genesis, have no machine in common, so no seal of one
 * says anything about the other.
 *
 * Not promised. That an interaction which was signed for one network is refused in another: MOI's signed bytes name none. Use a key
 * in one network only.
 *
 * The participants of an account's machine, in the kernel's sense, are those who may hand it over to other guardians together, by a
 * change of terms. Its owner's keys are in its state, where MOI keeps them.
 */
import { idFromBytes, type MachineId } from '../../base/brand.ts'
import { type Fault, isFault } from '../../base/fault.ts'
import { HASH_BYTES } from '../../base/hash.ts'
import { MOI_MACHINES_KEPT_MAX } from '../../base/limits.ts'
import { MOI } from '../../base/moi-suite.ts'
import { type Charter, machineId, type Terms } from '../../kernel/charter.ts'
import { soleController } from '../../kernel/controller.ts'
import { type Machine, openMachine } from '../../kernel/execute.ts'
import type { LogicRegistry, Prefix } from '../../kernel/logic.ts'
import { type KramaPolicy, kramaTerms } from '../../models/krama/policy.ts'
import { bytesFromMoiId, type MoiId } from './identifier.ts'
import { type MoiGenesis, moiGenesis, type MoiNetwork, networkOf } from './run/network.ts'

/** The name of the network's logic in a charter. */
export const MOI_LOGIC = 'moi/1'

export type NewNetwork = {
  /** For people, and to set two networks apart that are alike in everything else. */
  readonly name: string
  readonly policy: KramaPolicy
  readonly genesis: MoiGenesis
}

/** A network, with what is asked of it again and again. */
export type NetworkMachine = {
  readonly charter: Charter
  readonly machine: Machine
  readonly genesis: MoiGenesis
  readonly network: MoiNetwork
  /** The owner of the network's paths in every account. */
  readonly prefix: Prefix
  readonly machineOf: (account: MoiId) => MachineId
  /** The account's machine before its first step. */
  readonly open: (account: MoiId) => Machine
}

/** Raises what the codec of the genesis raises, as for one that is too large. */
export const networkCharter = ({ name, policy, genesis }: NewNetwork): Charter => ({
  network: name,
  nonce: new Uint8Array(HASH_BYTES),
  terms: {
    suite: MOI,
    participants: policy.guardians.map((one) => ({
      name: one.name,
      controller: soleController(one.scheme, one.publicKey),
    })),
    turn: { is: 'anyone' },
    policy: kramaTerms(policy),
  },
  logics: [{ name: MOI_LOGIC, params: moiGenesis.encode(genesis) }],
  state: { is: 'tree' },
})

/** The charter of an account in the network whose machine this is, under the terms that it began with. */
export const accountCharter = (network: MachineId, terms: Terms, account: MoiId): Charter => ({
  network,
  nonce: bytesFromMoiId(account),
  terms,
  logics: [],
  state: { is: 'tree' },
})

/** The id of an account's machine; remembered for the last that were asked for, since a charter is long to hash. */
export const accountMachines = (
  network: MachineId,
  terms: Terms,
): ((account: MoiId) => MachineId) => {
  let young = new Map<MoiId, MachineId>()
  let old = new Map<MoiId, MachineId>()
  return (account) => {
    const known = young.get(account)
    if (known !== undefined) return known
    const id = old.get(account) ?? machineId(accountCharter(network, terms, account))
    if (young.size >= MOI_MACHINES_KEPT_MAX) {
      old = young
      young = new Map()
    }
    young.set(account, id)
    return id
  }
}

/** The identifier in the charter of an account's machine; undefined of any other charter. */
export const accountIn = (of: Charter): MoiId | undefined =>
  of.logics.length === 0 && /^[0-9a-f]{64}$/.test(of.network)
    ? idFromBytes<'moi'>(of.nonce)
    : undefined

/** Opens a network. Returns the fault of a charter whose logic or genesis is refused. Raises decoding faults. */
export const openNetwork = (charter: Charter, logics: LogicRegistry): NetworkMachine | Fault => {
  const machine = openMachine(charter, logics)
  if (isFault(machine)) return machine
  const genesis = moiGenesis.decode(charter.logics[0]?.params ?? new Uint8Array(0))
  const { id, terms } = machine
  const machineOf = accountMachines(id, terms)
  return {
    charter,
    machine,
    genesis,
    network: networkOf(genesis),
    prefix: { machine: id, logic: 0 },
    machineOf,
    open: (account) => openAccount(accountCharter(id, terms, account), logics),
  }
}

const openAccount = (charter: Charter, logics: LogicRegistry): Machine => {
  const opened = openMachine(charter, logics)
  // It has no logic that could refuse.
  if (isFault(opened)) throw opened
  return opened
}
