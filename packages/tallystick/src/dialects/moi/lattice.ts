/**
 * The lattice: what an interaction of MOI makes of the accounts' machines, as one interaction of the kernel.
 *
 * `prepare` is what whoever executes calls, a guardian or a program that tries something out. It admits and runs the interaction on
 * the heads it is given, writes down the legs that follow, each pinned at its head, and lets the kernel make the transitions.
 *
 * Safety. The kernel's interaction holds everything: whoever has it and the same heads comes to the same transitions by `execute`
 * with `moiLogic`, which checks admission, execution and legs again. `prepare` hands the kernel what it has just found in place of
 * running it a second time; a property test holds both to one result. Nothing here is durable, signed or vowed for.
 *
 * Liveness. A run is bounded by fuel. An interaction that was refused leaves no trace and may come again.
 */
import { hexFromBytes } from '../../base/bytes.ts'
import { isFault } from '../../base/fault.ts'
import { MOI_PATHS_KEPT_MAX } from '../../base/limits.ts'
import { MOI } from '../../base/moi-suite.ts'
import type { Verifier } from '../../base/verifier.ts'
import { execute, type Machine, pathKey } from '../../kernel/execute.ts'
import type { Interaction, Leg } from '../../kernel/interaction.ts'
import type { Logic, Path } from '../../kernel/logic.ts'
import type { StateKey } from '../../state/keys.ts'
import { read as readState } from '../../state/tree.ts'
import { tesseractOf } from '../../models/krama/tesseract.ts'
import { moiArgument, type MoiArgument } from './argument.ts'
import { MOI_LOGIC, type NetworkMachine } from './charters.ts'
import type { MoiId } from './identifier.ts'
import { interactionHash, type MoiInteraction, readInteraction } from './interaction.ts'
import { legsOf, type MoiLeg } from './legs.ts'
import { genesisPart, genesisParts, moiLogic } from './logic.ts'
import { type Refusal, validate } from './run/admission.ts'
import type { AccountChange } from './run/draft.ts'
import { type Receipt, receiptHash } from './run/receipt.ts'
import { run } from './run/run.ts'
import { type MoiSignature, readSignatures } from './signature.ts'
import { hashOfOne, heightOf, type MoiHead, NO_TESSERACT, type Tesseract } from './tesseract.ts'

export type HeadOf = (account: MoiId) => MoiHead | undefined

export type PrepareAsk = {
  readonly network: NetworkMachine
  /** As they came. */
  readonly args: Uint8Array
  readonly signatures: Uint8Array
  /** What `args` and `signatures` say, where somebody has read them already. */
  readonly read?: {
    readonly args: MoiInteraction
    readonly signatures: readonly MoiSignature[]
  }
  /** Seconds since 1970, by the clock of who executes. */
  readonly time: bigint
  /** Undefined for an account that does not exist. Asked about all of `accountsOf`, and no other. */
  readonly headOf: HeadOf
  readonly verifier: Verifier
}

export type Prepared = {
  readonly is: 'prepared'
  /** Of the MOI interaction. */
  readonly hash: Uint8Array
  readonly interaction: Interaction
  readonly receipt: Receipt
  readonly tesseract: Tesseract
  readonly changes: readonly AccountChange[]
}

export type Refused = { readonly is: 'refused'; readonly refusal: Refusal }

/** Executes an interaction on these heads, in memory. */
export const prepare = (ask: PrepareAsk): Prepared | Refused => {
  const { network, headOf, time } = ask
  const args = ask.read?.args ?? readInteraction(ask.args)
  if (isFault(args)) return refused('payload', args.message)
  const signatures = ask.read?.signatures ?? readSignatures(ask.signatures)
  if (isFault(signatures)) return refused('signatures', signatures.message)
  const read = readerOf(network, headOf)
  const refusal = validate({
    args,
    bytes: ask.args,
    signatures,
    read,
    network: network.network,
    verifier: ask.verifier,
    at: 'execution',
  })
  if (refusal) return { is: 'refused', refusal }
  const hash = interactionHash(ask.args)
  const ran = run({ args, hash, read, network: network.network, time })
  const legs = legsOf(args, ran, read)
  if (isFault(legs)) return refused('participants', legs.message)
  const argument = moiArgument.encode({
    is: 'interaction',
    time,
    args: ask.args,
    signatures: ask.signatures,
  })
  const { receipt, changes, fuelUsed } = ran
  const done = stepsOf({ network, headOf, legs, argument, changes, verifier: ask.verifier })
  const tesseract: Tesseract = {
    ...done.moved,
    time,
    interactionsHash: hashOfOne(hash),
    receiptsHash: hashOfOne(receiptHash(receipt)),
    fuelUsed,
    fuelLimit: args.fuelLimit,
  }
  return { is: 'prepared', hash, interaction: done.interaction, receipt, tesseract, changes }
}

const refused = (code: Refusal['code'], message: string): Refused => ({
  is: 'refused',
  refusal: { code, message },
})

export type PreparedGenesis = Pick<Prepared, 'interaction' | 'tesseract' | 'changes'>

/** The steps with which a network's first accounts begin, some accounts each. They depend on nothing but the charter. */
export const prepareGenesis = (
  network: NetworkMachine,
  verifier: Verifier,
): readonly PreparedGenesis[] =>
  Array.from({ length: genesisParts(network.genesis) }, (_, at) => {
    const { accounts, changes } = genesisPart(network.genesis, at)
    const legs = accounts.map((account): MoiLeg => ({ account, access: 'write' }))
    const argument = moiArgument.encode({ is: 'genesis', at } satisfies MoiArgument)
    const headOf: HeadOf = () => undefined
    const done = stepsOf({ network, headOf, legs, argument, changes, verifier })
    const none = new Uint8Array(32)
    const tesseract: Tesseract = {
      ...done.moved,
      time: 0n,
      interactionsHash: none,
      receiptsHash: none,
      fuelUsed: 0n,
      fuelLimit: 0n,
    }
    return { interaction: done.interaction, tesseract, changes }
  })

/** A value of the network in an account's state. */
export const readAccount = (
  network: NetworkMachine,
  machine: Machine,
  path: Path,
): Uint8Array | undefined => readState(machine.state, keyOfPath(network, path))

/** The state key of a path of the network, which is the same in every account; remembered for the last that were asked for. */
export const keyOfPath = (network: NetworkMachine, path: Path): StateKey => {
  const keys = keysOf.get(network) ?? new Map<string, StateKey>()
  if (keys.size === 0) keysOf.set(network, keys)
  // Kind and length in front of each part: no two paths have one name.
  let name = ''
  for (const part of path) {
    name += typeof part === 'string' ? `s${part.length}:${part}` : `b${hexFromBytes(part)} `
  }
  const known = keys.get(name)
  if (known !== undefined) return known
  const key = pathKey(MOI, network.prefix, path)
  if (keys.size >= MOI_PATHS_KEPT_MAX) keys.clear()
  keys.set(name, key)
  return key
}

const keysOf = new WeakMap<NetworkMachine, Map<string, StateKey>>()

const readerOf =
  (network: NetworkMachine, headOf: HeadOf) =>
  (account: MoiId, path: Path): Uint8Array | undefined => {
    const head = headOf(account)
    return head && readAccount(network, head.machine, path)
  }

type StepsAsk = {
  readonly network: NetworkMachine
  readonly headOf: HeadOf
  readonly legs: readonly MoiLeg[]
  readonly argument: Uint8Array
  readonly changes: readonly AccountChange[]
  readonly verifier: Verifier
}

/** The kernel's interaction and what it makes of the machines. A fault here is a mistake of ours, and thrown. */
const stepsOf = (
  ask: StepsAsk,
): {
  readonly interaction: Interaction
  readonly moved: Pick<Tesseract, 'hash' | 'steps' | 'seen'>
} => {
  const { network, headOf, legs } = ask
  const machines = new Map([[network.machine.id, network.machine]])
  const before = new Map<MoiId, Machine>()
  const pinned = legs.map(({ account, access }): Leg => {
    const machine = headOf(account)?.machine ?? network.open(account)
    machines.set(machine.id, machine)
    before.set(account, machine)
    return { machine: machine.id, access, parent: machine.headId }
  })
  const interaction: Interaction = {
    suite: MOI,
    legs: [
      { machine: network.machine.id, access: 'refer', parent: network.machine.headId },
      ...pinned,
    ],
    operations: [{ ...network.prefix, argument: ask.argument }],
    premises: [],
  }
  const done = execute({
    interaction,
    machines,
    logics: new Map([[MOI_LOGIC, ranAlready(ask)]]),
    consents: () => false,
    proven: [],
    verifier: ask.verifier,
  })
  if (isFault(done)) throw done
  const hash = tesseractOf(
    MOI,
    done.written.map((one) => one.headId),
  )
  const written = legs.filter((one) => one.access === 'write')
  const steps = written.flatMap(({ account }, at) => {
    const machine = done.written[at]
    const link = headOf(account)?.tesseract ?? NO_TESSERACT
    return machine
      ? [{ account, link, transition: machine.head, head: { machine, tesseract: hash } }]
      : []
  })
  const seen = legs.flatMap(({ account, access }) => {
    const machine = before.get(account)
    if (access === 'write' || !machine) return []
    return [{ account, access, height: heightOf(machine.head), at: machine.headId }]
  })
  return { interaction, moved: { hash, steps, seen } }
}

/** The network's logic with the result that is known. */
const ranAlready = ({ network, changes }: StepsAsk): Logic => ({
  ...moiLogic,
  apply: () =>
    changes.map(({ account, path, value }) => ({
      machine: network.machineOf(account),
      path,
      value,
    })),
})
