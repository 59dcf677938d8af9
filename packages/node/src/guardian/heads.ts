/** Where accounts stand, for an interaction that is to be looked at: everybody whom it can touch, in memory. */
import {
  accountsOf,
  hexFromMoiId,
  type MoiHead,
  type MoiId,
  type MoiInteraction,
  type NetworkMachine,
  readAccount,
  type Refusal,
} from 'tallystick/moi'
import { storeErrorCode } from '../store/errors.ts'
import type { Machines } from './machines.ts'
import type { ReadAccount } from './views.ts'

/** Everybody whom an interaction names, and the network's own accounts, once. */
export const namedIn = (read: MoiInteraction, network: NetworkMachine): ReadonlySet<MoiId> =>
  new Set([
    read.sender.id,
    ...(read.payer ? [read.payer] : []),
    ...read.participants.map((one) => one.id),
    network.network.genesis,
    network.network.kmoi,
  ])

type LoadFrom = { readonly machines: Machines; readonly network: NetworkMachine }

/**
 * Adds to `heads` whom the interaction names: all that its admission looks at, and nothing of its operations is read for it. Returns
 * why not, where an account is too large to be kept in memory.
 */
export const loadNamed = (
  { machines, network }: LoadFrom,
  read: MoiInteraction,
  heads: Map<MoiId, MoiHead>,
): Promise<Refusal | undefined> => loadAll(machines, namedIn(read, network), heads)

/**
 * Adds to `heads` whoever the interaction can touch and is not there yet: whom it names, and whom it would create. Those may exist
 * already, and who did not look would let them begin a second time. Accounts that do not exist are not added.
 */
export const loadHeads = async (
  of: LoadFrom,
  read: MoiInteraction,
  heads: Map<MoiId, MoiHead>,
): Promise<Refusal | undefined> => {
  const refusal = await loadNamed(of, read, heads)
  if (refusal) return refusal
  const touched = accountsOf(read, readerOf(of.network, heads))
  return loadAll(of.machines, touched.keys(), heads)
}

const loadAll = async (
  machines: Machines,
  accounts: Iterable<MoiId>,
  heads: Map<MoiId, MoiHead>,
): Promise<Refusal | undefined> => {
  for (const account of accounts) {
    if (heads.has(account)) continue
    try {
      const head = await machines.load(account)
      if (head) heads.set(account, head)
    } catch (error) {
      // Attack: an account that somebody has filled, so that whoever executes cannot load it, and stops.
      if (storeErrorCode(error) !== 'store/out-of-bounds') throw error
      return { code: 'participants', message: `account too large: ${hexFromMoiId(account)}` }
    }
  }
  return undefined
}

/** Values of these accounts; of any other there are none. */
export const readerOf =
  (network: NetworkMachine, heads: ReadonlyMap<MoiId, MoiHead>): ReadAccount =>
  (account, path) => {
    const head = heads.get(account)
    return head && readAccount(network, head.machine, path)
  }
