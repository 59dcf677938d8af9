/**
 * The logic of a MOI network: what `run` makes of an interaction, as changes to the machines of accounts.
 *
 * Promise. `apply` is a function of the operation and the legs' states: it reads the interaction as it was signed, admits it by the
 * same rules as a pool does, runs it, and refuses legs other than those that follow from what became of it (`legs.ts`). So whoever
 * holds the interactions of an account can run its whole history again.
 *
 * The signatures inside the operation are the consents (`docs/decisions/0024-moi-on-the-kernel.md`). What keeps one from being used
 * twice is the sequence of the sender's key, which counts on with it whether it succeeds or fails.
 *
 * The genesis comes in parts of as many accounts as an interaction can have. A part is applied to accounts that do not exist yet and
 * follows from the network's parameters, so nobody has to sign for it and nobody can apply another one.
 */
import { hexFromBytes } from '../../base/bytes.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { SKEW_MS_DEFAULT } from '../../base/limits.ts'
import type { MachineId } from '../../base/brand.ts'
import type { Call, Change, Claim, Logic } from '../../kernel/logic.ts'
import { moiArgument, type MoiArgument } from './argument.ts'
import { accountMachines, MOI_LOGIC } from './charters.ts'
import { hexFromMoiId, KMOI_ASSET, type MoiId, SARGA_ACCOUNT } from './identifier.ts'
import { interactionHash, type MoiInteraction, readInteraction } from './interaction.ts'
import { legsOf, MOI_LEGS_MAX } from './legs.ts'
import { readOperation } from './operation.ts'
import { validate } from './run/admission.ts'
import type { AccountChange } from './run/draft.ts'
import { genesisChanges, type MoiGenesis, moiGenesis, networkOf } from './run/network.ts'
import { PATH } from './run/layout.ts'
import { run } from './run/run.ts'
import { readSignatures } from './signature.ts'

export const moiLogic: Logic = {
  name: MOI_LOGIC,
  genesis: ({ params }) => {
    // What the network begins with is refused here, and not at the first account.
    genesisChanges(moiGenesis.decode(params))
    return []
  },
  apply: (call) => {
    const of = moiArgument.decode(call.argument)
    return of.is === 'genesis' ? applyGenesis(call, of.at) : applyInteraction(call, of)
  },
  describe: (argument) => {
    const of = moiArgument.decode(argument)
    return of.is === 'genesis' ? `the genesis, part ${of.at}` : describe(of)
  },
  claims: (argument) => {
    const of = moiArgument.decode(argument)
    return of.is === 'genesis' ? undefined : claimOf(of.time)
  },
  carries: (argument) => {
    const of = moiArgument.decode(argument)
    if (of.is === 'genesis') return undefined
    const args = readInteraction(of.args)
    if (isFault(args)) throw args
    return {
      by: hexFromMoiId(args.sender.id),
      id: hexFromBytes(interactionHash(of.args)),
      at: (time) => moiArgument.encode({ ...of, time: time / MS_EACH_SECOND }),
    }
  },
}

const MS_EACH_SECOND = 1000n

const claimOf = (time: bigint): Claim => ({
  at: time * MS_EACH_SECOND,
  skewMs: SKEW_MS_DEFAULT,
})

const applyInteraction = (
  call: Call,
  of: Extract<MoiArgument, { is: 'interaction' }>,
): readonly Change[] | Fault => {
  const args = readInteraction(of.args)
  if (isFault(args)) return args
  const signatures = readSignatures(of.signatures)
  if (isFault(signatures)) return signatures
  const machineOf = machinesIn(call)
  const network = networkOf(genesisIn(call))
  const read = (account: MoiId, path: AccountChange['path']): Uint8Array | undefined =>
    call.read(machineOf(account), path)
  const verifier = { verify: call.verifies, acceptsKey: () => true }
  const refusal = validate({
    args,
    bytes: of.args,
    signatures,
    read,
    network,
    verifier,
    at: 'execution',
  })
  if (refusal) return new Fault('moi/refused', refusal.message, { part: refusal.code })
  const hash = interactionHash(of.args)
  const ran = run({ args, hash, read, network, time: of.time })
  const legs = legsOf(args, ran, read)
  if (isFault(legs)) return legs
  const written = legs.flatMap(({ account, access }) =>
    access === 'write' ? [machineOf(account)] : [],
  )
  const fault = checkWritten(call, written)
  return fault ?? changesIn(ran.changes, machineOf)
}

/** Whoever puts legs together decides nothing: an account more would move without a reason, one fewer would lose a step. */
const checkWritten = (call: Call, expected: readonly MachineId[]): Fault | undefined => {
  const isSame =
    call.written.length === expected.length &&
    expected.every((machine, at) => call.written[at] === machine)
  return isSame
    ? undefined
    : new Fault(
        'moi/wrong-legs',
        `${call.written.length} legs are written where ${expected.length} others follow`,
      )
}

const applyGenesis = (call: Call, at: number): readonly Change[] | Fault => {
  const part = genesisPart(genesisIn(call), at)
  const machineOf = machinesIn(call)
  const fault = checkWritten(call, part.accounts.map(machineOf))
  if (fault) return fault
  for (const account of part.accounts) {
    if (call.read(machineOf(account), PATH.account) !== undefined) {
      return new Fault('moi/begun', `${hexFromMoiId(account)} has begun already`)
    }
  }
  return changesIn(part.changes, machineOf)
}

export type GenesisPart = {
  readonly accounts: readonly MoiId[]
  readonly changes: readonly AccountChange[]
}

/** So many parts the genesis has. */
export const genesisParts = (of: MoiGenesis): number =>
  Math.ceil(genesisAccounts(of).length / MOI_LEGS_MAX)

/** Part `at` of the genesis, from 0. Raises `moi/no-part` beyond the last. */
export const genesisPart = (of: MoiGenesis, at: number): GenesisPart => {
  const accounts = genesisAccounts(of).slice(at * MOI_LEGS_MAX, (at + 1) * MOI_LEGS_MAX)
  if (accounts.length === 0) throw new Fault('moi/no-part', `the genesis has no part ${at}`)
  const changes = genesisBy(of)
  return { accounts, changes: accounts.flatMap((account) => changes.get(account) ?? []) }
}

/** In the order in which they begin. */
const genesisAccounts = (of: MoiGenesis): readonly MoiId[] => [
  SARGA_ACCOUNT,
  KMOI_ASSET,
  ...of.participants.map((one) => one.id),
]

/** What the genesis writes, by account. */
const genesisBy = (of: MoiGenesis): ReadonlyMap<MoiId, readonly AccountChange[]> => {
  const known = begun.get(of)
  if (known) return known
  const found = new Map<MoiId, AccountChange[]>()
  for (const change of genesisChanges(of)) {
    const changes = found.get(change.account)
    if (changes) changes.push(change)
    else found.set(change.account, [change])
  }
  begun.set(of, found)
  return found
}

const begun = new WeakMap<MoiGenesis, ReadonlyMap<MoiId, readonly AccountChange[]>>()

/** Read once for each array of parameters, which never changes. */
const genesisIn = ({ params }: Call): MoiGenesis => {
  const known = readings.get(params)
  if (known) return known
  const read = moiGenesis.decode(params)
  readings.set(params, read)
  return read
}

const readings = new WeakMap<Uint8Array, MoiGenesis>()

/** The machines of accounts, remembered for each array of the network's parameters. */
const machinesIn = (call: Call): ((account: MoiId) => MachineId) => {
  const { machine } = call.self
  const known = machines.get(call.params)
  if (known?.machine === machine) return known.of
  const terms = call.terms(machine)
  if (!terms) throw new Fault('moi/wrong-legs', 'the network machine is no leg')
  const of = accountMachines(machine, terms)
  machines.set(call.params, { machine, of })
  return of
}

const machines = new WeakMap<
  Uint8Array,
  { readonly machine: MachineId; readonly of: (account: MoiId) => MachineId }
>()

const changesIn = (
  changes: readonly AccountChange[],
  machineOf: (account: MoiId) => MachineId,
): readonly Change[] =>
  changes.map(({ account, path, value }) => ({ machine: machineOf(account), path, value }))

const describe = (of: Extract<MoiArgument, { is: 'interaction' }>): string => {
  const args = readInteraction(of.args)
  if (isFault(args)) throw args
  const what = args.operations.map(wordsOf).join(', ')
  return `${hexFromMoiId(args.sender.id)} number ${args.sender.sequence}: ${what}`
}

const wordsOf = ({ type, payload }: MoiInteraction['operations'][number]): string => {
  const operation = readOperation(type, payload)
  if (isFault(operation)) return `operation ${type}`
  return 'callsite' in operation ? `${operation.is} ${operation.callsite}` : operation.is
}
