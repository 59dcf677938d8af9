/** Where accounts stand, for an interaction that is to be looked at: everybody whom it can touch, in memory. */
import {
  accountsOf,
  type MoiHead,
  type MoiId,
  type MoiInteraction,
  type NetworkMachine,
  readAccount,
} from 'tallystick/moi'
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

/** Adds to `heads` whom the interaction names: all that its admission looks at, and nothing of its operations is read for it. */
export const loadNamed = (
  { machines, network }: LoadFrom,
  read: MoiInteraction,
  heads: Map<MoiId, MoiHead>,
): Promise<void> => loadAll(machines, namedIn(read, network), heads)

/**
 * Adds to `heads` whoever the interaction can touch and is not there yet: whom it names, and whom it would create. Those may exist
 * already, and who did not look would let them begin a second time. Accounts that do not exist are not added.
 */
export const loadHeads = async (
  of: LoadFrom,
  read: MoiInteraction,
  heads: Map<MoiId, MoiHead>,
): Promise<void> => {
  await loadNamed(of, read, heads)
  const touched = accountsOf(read, readerOf(of.network, heads))
  await loadAll(of.machines, touched.keys(), heads)
}

const loadAll = async (
  machines: Machines,
  accounts: Iterable<MoiId>,
  heads: Map<MoiId, MoiHead>,
): Promise<void> => {
  for (const account of accounts) {
    if (heads.has(account)) continue
    const head = await machines.load(account)
    if (head) heads.set(account, head)
  }
}

/** Values of these accounts; of any other there are none. */
export const readerOf =
  (network: NetworkMachine, heads: ReadonlyMap<MoiId, MoiHead>): ReadAccount =>
  (account, path) => {
    const head = heads.get(account)
    return head && readAccount(network, head.machine, path)
  }
