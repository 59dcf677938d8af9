/**
 * Healing, at work: what an operator that was set back signs from then on. `heal.ts` is how it comes to that; the rules and why
 * they are safe stand in the model's `healing.ts`.
 *
 * Promise. What is kept of a healing is durable before the quarantine ends, so every process of the operator keeps to it.
 */
import { bytesFromId, Fault, type MachineId, type SignerKey, U64_MAX, u64 } from 'tallystick/base'
import type { Transition } from 'tallystick/kernel'
import {
  aheadFault,
  DIRECTORY,
  directoryPolicy,
  healed,
  type Healed,
  healingFault,
  isEnoughForHealing,
} from 'tallystick/models'
import type { Put, Store } from '../store/store.ts'
import { setBounded } from './bounded-map.ts'
import type { Served } from './charters.ts'
import type { ServerLimits } from './limits.ts'
import { CERTIFIED_HEADS } from './heads.ts'

export type Healing = {
  readonly restore: () => Promise<void>
  /** Whether a vow may be taken for an owner's step, as far as that is known without a look at the store. */
  readonly isClear: (step: Place) => boolean
  /** Why no new vow may be taken for an owner's step, if so: `operator/too-far-ahead` or `operator/healing`. */
  readonly vowFault: (served: Served, step: Place) => Promise<Fault | undefined>
  /** Raises `operator/healing` where votes or key events may have been forgotten. */
  readonly checkWhole: () => void
  /** Raises `operator/healing` where the log is not all that was vowed for. */
  readonly checkLog: () => void
  /** Keeps to a healing from now on; what has to be durable for it is the caller's matter. */
  readonly adopt: (of: Healed) => void
  readonly known: () => Healed | undefined
  /** Entries beyond which no checkpoint goes. */
  readonly logSize: () => bigint
  /** Somebody has shown that a step is certified. */
  readonly raiseMark: (step: Place) => Promise<void>
}

export type HealingOptions = {
  readonly store: Store
  readonly key: SignerKey
  readonly limits: ServerLimits
}

type Place = Pick<Transition, 'machine' | 'sequence'>

const HEALED = 'healed'
const KEY = new Uint8Array([0])
const FLOORS = 'floors'
const MARKS = 'certified-marks'
/** In the place of a floor: nobody can say how far the machine has got. */
const UNCLEAR = U64_MAX

/** What has to be stored when an operator has healed. `undefined` stands for a machine that nobody can speak for. */
export const healedPuts = (
  of: Healed,
  floors: ReadonlyMap<MachineId, bigint | undefined>,
): readonly Put[] => [
  { space: HEALED, key: KEY, value: healed.encode(of) },
  ...[...floors].map(([machine, floor]): Put => ({
    space: FLOORS,
    key: bytesFromId(machine),
    value: u64.encode(floor ?? UNCLEAR),
  })),
]

export const createHealing = (options: HealingOptions): Healing => {
  const { store, limits } = options
  const marks = new Map<MachineId, bigint>()
  const ahead = BigInt(limits.vowsAhead)
  let known: Healed | undefined
  const readMark = async (machine: MachineId): Promise<bigint> => {
    const key = bytesFromId(machine)
    const found = await Promise.all([MARKS, CERTIFIED_HEADS].map((space) => store.get(space, key)))
    const mark = found.reduce((most, one) => maxOf(most, one ? u64.decode(one.value) : 0n), 0n)
    setBounded(marks, machine, mark, limits.headsKept)
    return mark
  }
  return {
    restore: async () => {
      const record = await store.get(HEALED, KEY)
      known = record && healed.decode(record.value)
    },
    isClear: (step) =>
      (!known || known.isWhole) && !aheadFault(step, marks.get(step.machine) ?? 0n, ahead),
    vowFault: async (served, step) => {
      const { machine } = step
      const mark = marks.get(machine) ?? 0n
      const fault =
        aheadFault(step, mark, ahead) && aheadFault(step, await readMark(machine), ahead)
      if (fault || !known || known.isWhole) return fault
      return healingFault(step, await floorOf(options, known, served), known.ahead)
    },
    checkWhole: () => {
      const status = store.status()
      if (known || status.is === 'quarantined') {
        throw new Fault(
          'operator/healing',
          'the operator was set back, and may have signed another one before',
        )
      }
    },
    checkLog: () => {
      if (store.status().is === 'quarantined' || (known && !known.isWhole)) {
        throw new Fault('operator/healing', 'the operator has lost a part of its log')
      }
    },
    adopt: (of) => {
      known = of
    },
    known: () => known,
    logSize: () => (known && !known.isWhole ? known.logSize : U64_MAX),
    raiseMark: async (step) => {
      const key = bytesFromId(step.machine)
      const mark = maxOf(await readMark(step.machine), step.sequence)
      await store.commit({ appends: [], puts: [{ space: MARKS, key, value: u64.encode(mark) }] })
      setBounded(marks, step.machine, mark, limits.headsKept)
    },
  }
}

/** The highest number that others have shown; missing where too few operators of some of its terms have answered. */
const floorOf = async (
  { store, key }: HealingOptions,
  { answered }: Healed,
  { machine, terms }: Served,
): Promise<bigint | undefined> => {
  const isKnown = terms.eras.every(
    ({ terms: { policy } }) =>
      policy.kind !== DIRECTORY ||
      isEnoughForHealing(directoryPolicy.decode(policy.params), key, answered),
  )
  if (!isKnown) return undefined
  const record = await store.get(FLOORS, bytesFromId(machine))
  const floor = record ? u64.decode(record.value) : 0n
  return floor === UNCLEAR ? undefined : floor
}

const maxOf = (a: bigint, b: bigint): bigint => (a > b ? a : b)
