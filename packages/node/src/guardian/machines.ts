/**
 * The machines of accounts, as they are now: made of their newest values where they are not in memory.
 *
 * Promise. What is handed out is what the lattice holds, or what was set since: a machine whose values do not give the root of its
 * newest transition is not handed out, because then the store has been changed by somebody else. Machines never change; a newer
 * one takes the place of an older.
 */
import { transitionId } from 'tallystick/kernel'
import { keyOfPath, type MoiHead, type NetworkMachine, readAccount } from 'tallystick/moi'
import { rootOf, treeFrom } from 'tallystick/state'
import { setBounded } from '../server/bounded-map.ts'
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
}

export type MachinesOptions = {
  readonly lattice: Lattice
  readonly network: NetworkMachine
  readonly sizeMax: number
  readonly leavesMax: number
}

export const createMachines = (options: MachinesOptions): Machines => {
  const all = new Map<MoiId, MoiHead>()
  const loading = new Map<MoiId, Promise<MoiHead | undefined>>()
  const set = (account: MoiId, held: MoiHead): void =>
    setBounded(all, account, held, options.sizeMax)
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
    count: () => all.size,
  }
}

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
