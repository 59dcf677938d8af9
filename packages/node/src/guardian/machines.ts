/**
 * The machines of accounts, as they are now: made of their newest values where they are not in memory.
 *
 * Promise. What is handed out is what the lattice holds, or what was set since: a machine whose values do not give the root of its
 * newest transition is not handed out, because then the store has been changed by somebody else. Machines never change; a newer
 * one takes the place of an older.
 */
import { transitionId } from 'tallystick/kernel'
import { keyOfPath, type MoiHead, type NetworkMachine, readAccount } from 'tallystick/moi'
import { rootOf, type Tree, treeFrom } from 'tallystick/state'
import { storeError } from '../store/errors.ts'
import type { MoiId } from './store/entry.ts'
import type { Height, Lattice } from './store/lattice.ts'
import { heightOf } from './store/rows.ts'
import type { ReadyAccount } from './views.ts'

export type Machines = {
  /** Undefined for an account that does not exist. Raises `store/damaged`. */
  readonly load: (account: MoiId) => Promise<MoiHead | undefined>
  /** As it was at a height. Raises `store/damaged`, and an error for an account that is too large. */
  readonly at: (view: Height) => Promise<MoiHead>
  readonly set: (account: MoiId, held: MoiHead) => void
  /** What is in memory anyway: to be read, and whole. */
  readonly ready: (account: MoiId) => ReadyAccount | undefined
  readonly inMemory: (account: MoiId) => MoiHead | undefined
  readonly count: () => number
  /** Roughly, in memory. */
  readonly bytes: () => number
}

export type MachinesOptions = {
  readonly lattice: Lattice
  readonly network: NetworkMachine
  /** Accounts in memory, and bytes of them; the last one stays whatever it has. */
  readonly sizeMax: number
  readonly bytesMax: number
  readonly leavesMax: number
}

export const createMachines = (options: MachinesOptions): Machines => {
  const all = createKept(options)
  const loading = new Map<MoiId, Promise<MoiHead | undefined>>()
  const { set } = all
  const load = async (account: MoiId): Promise<MoiHead | undefined> => {
    const fetched = await fetchMachine(options, account)
    // What was executed meanwhile is newer.
    const known = all.get(account)
    if (known) return known
    if (fetched) set(account, fetched)
    return fetched
  }
  return {
    load: (account) => {
      const known = all.get(account)
      if (known) {
        set(account, known)
        return Promise.resolve(known)
      }
      const waiting = loading.get(account) ?? load(account)
      loading.set(account, waiting)
      return waiting.finally(() => loading.delete(account))
    },
    at: async (view) => {
      const known = all.get(view.account)
      const isNewest = known !== undefined && heightOf(known.machine.head) === view.height
      return isNewest ? known : machineAt(options, view)
    },
    set,
    ready: (account) => {
      const machine = all.get(account)?.machine
      return (
        machine && {
          height: heightOf(machine.head),
          read: (path) => readAccount(options.network, machine, path),
        }
      )
    },
    inMemory: (account) => all.get(account),
    count: all.size,
    bytes: all.bytes,
  }
}

/**
 * Those that were used last. Attack: accounts with large values, each made for a fee and then looked at, until the memory is theirs. A count
 * of accounts alone does not bound that.
 */
const createKept = ({
  sizeMax,
  bytesMax,
}: Pick<MachinesOptions, 'sizeMax' | 'bytesMax'>): {
  readonly get: (account: MoiId) => MoiHead | undefined
  readonly set: (account: MoiId, held: MoiHead) => void
  readonly size: () => number
  readonly bytes: () => number
} => {
  const all = new Map<MoiId, MoiHead>()
  let bytes = 0
  const remove = (account: MoiId): void => {
    const held = all.get(account)
    if (held && all.delete(account)) bytes -= weightOf(held.machine.state)
  }
  return {
    get: (account) => all.get(account),
    set: (account, held) => {
      remove(account)
      all.set(account, held)
      bytes += weightOf(held.machine.state)
      while (all.size > 1 && (all.size > sizeMax || bytes > bytesMax)) {
        const [oldest] = all.keys()
        if (oldest !== undefined) remove(oldest)
      }
    },
    size: () => all.size,
    bytes: () => bytes,
  }
}

/** Beside its values: what an account takes, and each of its places with the nodes above it. */
const ACCOUNT_BYTES = 2048
const PLACE_BYTES = 512

/** Bytes that a state takes in memory, roughly. */
export const weightOf = ({ size, bytes }: Tree): number =>
  ACCOUNT_BYTES + size * PLACE_BYTES + bytes

const fetchMachine = async (
  options: MachinesOptions,
  account: MoiId,
): Promise<MoiHead | undefined> => {
  const head = await options.lattice.stepOf(account)
  return head && machineAt(options, head)
}

const machineAt = async (
  { lattice, network, leavesMax }: MachinesOptions,
  { account, height, transition, tesseract }: Height,
): Promise<MoiHead> => {
  const opened = network.open(account)
  const { suite } = opened.terms
  const leaves = await lattice.leavesAt(account, height, leavesMax)
  const state = treeFrom(
    suite,
    leaves.flatMap(({ path, value }) =>
      value === undefined ? [] : [[keyOfPath(network, path), value] as const],
    ),
  )
  if (rootOf(state) !== transition.state) {
    throw storeError(
      'store/damaged',
      `the values of ${account} are not those of its step ${height}`,
    )
  }
  const headId = transitionId(suite, transition)
  return { machine: { ...opened, head: transition, headId, state }, tesseract }
}
