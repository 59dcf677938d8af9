/**
 * Snapshots: what all accounts held when so many entries could be seen, for a question that takes a while.
 *
 * Promise. Whatever is executed meanwhile, a reader of a snapshot sees every account as it stood at that moment, or at the height at
 * which the question wants it. Nothing is brought into memory for it: what is not there is looked up value by value.
 */
import type { Path } from 'tallystick/kernel'
import type { MoiId } from 'tallystick/moi'
import { entriesOf } from 'tallystick/state'
import { accountValues } from './lane-order.ts'
import type { Machines } from './machines.ts'
import type { Lattice } from './store/lattice.ts'
import { heightOf } from './store/rows.ts'
import type { View } from './views.ts'

export type Snapshot = {
  readonly read: (account: MoiId, path: Path) => Promise<Uint8Array | undefined>
  /** Those that are in memory as they stood and hold little, whole, in the bytes of `accountValues`. */
  readonly small: (accounts: Iterable<MoiId>) => ReadonlyMap<MoiId, Uint8Array>
}

type SnapshotFrom = {
  readonly lattice: Pick<Lattice, 'size' | 'stepWithin' | 'leafAt'>
  readonly machines: Pick<Machines, 'ready' | 'inMemory'>
}

/** Values and bytes of an account that is handed over whole. */
const VALUES_MAX = 256
const BYTES_MAX = 65_536

/** As everything stands now, but for the accounts of `views`. */
export const takeSnapshot = (
  { lattice, machines }: SnapshotFrom,
  views: readonly View[],
): Snapshot => {
  const size = lattice.size()
  const heights = new Map<MoiId, bigint | undefined>(views.map((one) => [one.account, one.height]))
  const heightAt = async (account: MoiId): Promise<bigint | undefined> => {
    if (!heights.has(account)) {
      heights.set(account, (await lattice.stepWithin(account, size))?.height)
    }
    return heights.get(account)
  }
  return {
    read: async (account, path) => {
      const height = await heightAt(account)
      if (height === undefined) return undefined
      const held = machines.ready(account)
      return held?.height === height ? held.read(path) : lattice.leafAt(account, path, height)
    },
    small: (accounts) => {
      const found = new Map<MoiId, Uint8Array>()
      // Before anything else is executed, so that what is in memory is what the snapshot has.
      if (lattice.size() !== size) return found
      for (const account of accounts) {
        const machine = machines.inMemory(account)?.machine
        if (!machine || machine.state.size > VALUES_MAX) continue
        const height = heights.get(account)
        if (height !== undefined && height !== heightOf(machine.head)) continue
        const values = entriesOf(machine.state)
        const bytes = values.reduce((sum, [, value]) => sum + value.length, 0)
        if (bytes <= BYTES_MAX) found.set(account, accountValues.encode(values))
      }
      return found
    },
  }
}
