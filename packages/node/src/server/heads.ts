/**
 * Heads: the highest position of a machine that this operator has vowed for.
 *
 * A record holds a position below which nothing has to be looked for. It is written with a machine's first vow, with each
 * vow that leaves a gap below it, and with every `HEAD_EVERY`th; from there the journal itself is asked for the next position
 * until it has none. So a head is what the journal holds at the time it is asked, whichever process wrote it, and most
 * vows cost no second write. Where no other process writes to the store, the journal is asked once, and from then on the vows
 * of this process are counted.
 *
 * Not promised. A vow that was in work behind one that the store then failed to take may be above a gap that no record
 * tells of; it is found by its own position, and by the next record.
 */
import { bytesFromId, type MachineId, u64 } from 'tallystick/base'
import { vowKey } from 'tallystick/models'
import type { Put, Store } from '../store/store.ts'
import { setBounded } from './bounded-map.ts'
import type { ServerLimits } from './limits.ts'

export type Heads = {
  /** What has to be stored with a vow, so that the head is found again; undefined for most. */
  readonly putFor: (machine: MachineId, sequence: bigint) => Promise<Put | undefined>
  /** After the vow was stored. */
  readonly raise: (machine: MachineId, sequence: bigint) => void
  /** After a unit with such a put was not stored. */
  readonly forget: (machine: MachineId) => void
  /** The highest position with a vow, where that is known without a look at the store. */
  readonly newestKnown: (machine: MachineId) => bigint | undefined
  /** The highest position with a vow; undefined where there is none. */
  readonly newest: (machine: MachineId) => Promise<bigint | undefined>
}

type Known = {
  /** What the record says, or will once what is in work is stored, and its version then; 0 where there is none. */
  recorded: bigint
  version: bigint
  /** The highest position in work or stored, as far as this process knows, and the highest stored. */
  claimed: bigint
  newest: bigint
  /** Whether the journal was asked for what comes above `newest` since it was loaded. */
  isFollowed: boolean
}

/** Records of the newest certified position of a machine, of those that are kept here. */
export const CERTIFIED_HEADS = 'certified-heads'
const HEADS = 'heads'
const HEAD_EVERY = 32n

export const createHeads = (options: {
  readonly store: Store
  readonly journal: string
  readonly limits: ServerLimits
}): Heads => {
  const { store, journal } = options
  const known = new Map<MachineId, Known>()
  // Steps of one request come together: the first of them looks, and the others wait for what it finds.
  const loading = new Map<MachineId, Promise<Known>>()
  const load = (machine: MachineId): Promise<Known> => {
    const pending = loading.get(machine)
    if (pending) return pending
    const begun = read(machine).then(
      (loaded) => {
        loading.delete(machine)
        setBounded(known, machine, loaded, options.limits.headsKept)
        return loaded
      },
      (error: unknown) => {
        loading.delete(machine)
        throw error
      },
    )
    loading.set(machine, begun)
    return begun
  }
  const read = async (machine: MachineId): Promise<Known> => {
    const record = await store.get(HEADS, bytesFromId(machine))
    const recorded = record ? u64.decode(record.value) : 0n
    const version = record?.version ?? 0n
    return { recorded, version, claimed: recorded, newest: recorded, isFollowed: false }
  }
  return {
    putFor: async (machine, sequence) => {
      // Awaited in either case, so that no step overtakes one that came before it and leaves a gap below.
      const of = await (known.get(machine) ?? load(machine))
      const leavesGap = sequence > of.claimed + 1n
      const isDue = of.version === 0n || sequence >= of.recorded + HEAD_EVERY
      if (sequence > of.claimed) of.claimed = sequence
      if (sequence <= of.recorded || !(leavesGap || isDue)) return undefined
      const ifVersion = of.version
      of.recorded = sequence
      of.version++
      const value = u64.encode(sequence)
      return { space: HEADS, key: bytesFromId(machine), value, ifVersion }
    },
    raise: (machine, sequence) => {
      const of = known.get(machine)
      if (of && sequence > of.newest) of.newest = sequence
    },
    forget: (machine) => {
      known.delete(machine)
    },
    newestKnown: (machine) => {
      const of = store.isShared ? undefined : known.get(machine)
      return of?.isFollowed === true ? of.newest : undefined
    },
    newest: async (machine) => {
      const cached = known.get(machine)
      // That there is none is never believed: another process may have taken the first vow since.
      const of = cached && cached.newest > 0n ? cached : await load(machine)
      if (of.newest === 0n) return undefined
      while (await store.find(journal, vowKey({ machine, sequence: of.newest + 1n }))) of.newest++
      of.isFollowed = true
      return of.newest
    },
  }
}
