/** A MOI network on the kernel for tests: every step is prepared, and run again by the kernel from the interaction alone. */
import { isFault } from '../../../src/base/fault.ts'
import type { MachineId } from '../../../src/base/brand.ts'
import type { Verifier } from '../../../src/base/verifier.ts'
import { execute, type Execution, type Machine } from '../../../src/kernel/execute.ts'
import type { Interaction } from '../../../src/kernel/interaction.ts'
import type { LogicRegistry } from '../../../src/kernel/logic.ts'
import type { Fault } from '../../../src/base/fault.ts'
import {
  networkCharter,
  type NetworkMachine,
  openNetwork,
} from '../../../src/dialects/moi/charters.ts'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import { writeInteraction } from '../../../src/dialects/moi/interaction.ts'
import {
  prepare,
  type Prepared,
  prepareGenesis,
  type PreparedGenesis,
  type Refused,
} from '../../../src/dialects/moi/lattice.ts'
import { moiLogic } from '../../../src/dialects/moi/logic.ts'
import type { MoiGenesis } from '../../../src/dialects/moi/run/network.ts'
import { writeSignatures } from '../../../src/dialects/moi/signature.ts'
import type { MoiHead } from '../../../src/dialects/moi/tesseract.ts'
import { loneGuardian } from '../../../src/models/krama/policy.ts'
import { createLogicRegistry } from '../../../src/verify/registry.ts'
import {
  ada,
  bob,
  createTown,
  cyd,
  dan,
  engine,
  genesis,
  personOf,
  type Person,
  sign,
  type Town,
  type Wish,
} from './run/town.ts'

export const LOGICS: LogicRegistry = createLogicRegistry(moiLogic)

export const guardian: Person = personOf('guardian')

/** Signatures of the last interactions are checked once in a test that runs them twice. */
const remembering = (verifier: Verifier): Verifier => {
  const known = new Map<string, boolean>()
  return {
    ...verifier,
    verify: (...check) => {
      const name = check.map((one) => (typeof one === 'string' ? one : one.join('.'))).join(' ')
      const found = known.get(name) ?? verifier.verify(...check)
      known.set(name, found)
      return found
    },
  }
}

export const verifier: Verifier = remembering(engine)

export const networkFrom = (of: MoiGenesis = genesis, name = 'a town'): NetworkMachine => {
  const signer = {
    name: 'guardian',
    scheme: 'secp256k1-ecdsa',
    publicKey: guardian.publicKey,
  } as const
  const charter = networkCharter({ name, policy: loneGuardian(signer), genesis: of })
  const network = openNetwork(charter, LOGICS)
  if (isFault(network)) throw network
  return network
}

export type Sent = {
  readonly wish: Wish
  readonly args: Uint8Array
  readonly signatures: Uint8Array
}

export type LatticeTown = {
  readonly town: Town
  readonly network: NetworkMachine
  readonly heads: Map<MoiId, MoiHead>
  readonly begun: readonly PreparedGenesis[]
  readonly signed: (wish: Wish) => Sent
  /** Prepares and takes over. */
  readonly send: (wish: Wish) => Prepared
  readonly prepare: (of: Pick<Sent, 'args' | 'signatures'>) => Prepared | Refused
  readonly take: (of: Pick<Prepared, 'tesseract' | 'changes'>) => void
}

export const createLatticeTown = (of: MoiGenesis = genesis): LatticeTown => {
  const town = createTown(of)
  const network = networkFrom(of)
  const heads = new Map<MoiId, MoiHead>()
  const begun = prepareGenesis(network, verifier)
  const take: LatticeTown['take'] = ({ tesseract }) => {
    for (const { account, head } of tesseract.steps) heads.set(account, head)
  }
  for (const one of begun) take(one)
  const signed: LatticeTown['signed'] = (wish) => {
    const made = town.make(wish)
    const args = writeInteraction(made)
    const { id, keyId } = made.sender
    const key = [ada, bob, cyd, dan].find((one) => one.id === id) ?? wish.from ?? ada
    return { wish, args, signatures: writeSignatures(sign(args, [{ as: id, key, keyId }])) }
  }
  const prepareOne: LatticeTown['prepare'] = ({ args, signatures }) =>
    prepare({
      network,
      args,
      signatures,
      time: town.time,
      headOf: (account) => heads.get(account),
      verifier,
    })
  return {
    town,
    network,
    heads,
    begun,
    signed,
    prepare: prepareOne,
    take,
    send: (wish) => {
      const prepared = prepareOne(signed(wish))
      if (prepared.is === 'refused') throw new Error(prepared.refusal.message)
      take(prepared)
      town.apply(prepared.changes)
      return prepared
    },
  }
}

/** What the kernel makes of an interaction with the network's logic, on heads as they were. */
export const executeAgain = (
  network: NetworkMachine,
  interaction: Interaction,
  headOf: (account: MoiId) => MoiHead | undefined,
  accounts: readonly MoiId[],
): Execution | Fault => {
  const machines = new Map<MachineId, Machine>([[network.machine.id, network.machine]])
  for (const account of accounts) {
    const machine = headOf(account)?.machine ?? network.open(account)
    machines.set(machine.id, machine)
  }
  return execute({
    interaction,
    machines,
    logics: LOGICS,
    consents: () => false,
    proven: [],
    verifier,
  })
}
