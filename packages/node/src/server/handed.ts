/** Machines that were handed to this operator, as it keeps them: the newest state of each, and where it begins. */
import { bytesFromId, type Fault, type MachineId } from 'tallystick/base'
import { type LogicRegistry, type Machine, openMachine } from 'tallystick/kernel'
import { type HandedMachine, handedMachine, machineFromHanded } from 'tallystick/models'
import type { Put, Store } from '../store/store.ts'
import type { Served } from './charters.ts'

const HANDED = 'handed'

/** Stores what was handed over, unless something as new is there. */
export const keepHanded = async (store: Store, of: HandedMachine): Promise<void> => {
  const { machine, sequence } = of.step.transition
  const key = bytesFromId(machine)
  for (;;) {
    const record = await store.get(HANDED, key)
    const known = record && handedMachine.decode(record.value).step.transition.sequence
    if (known !== undefined && known >= sequence) return
    const put: Put = {
      space: HANDED,
      key,
      value: handedMachine.encode(of),
      ifVersion: record?.version ?? 0n,
    }
    if ((await store.commit({ appends: [], puts: [put] })).is === 'stored') return
  }
}

/** Where an operator begins to follow a machine: what it was handed, or else the genesis. */
export const beginningOf = async (
  store: Store,
  served: Served,
  logics: LogicRegistry,
): Promise<Machine | Fault> => {
  const record = await store.get(HANDED, bytesFromId(served.machine))
  return record
    ? machineFromHanded(served.terms, handedMachine.decode(record.value), logics)
    : openMachine(served.charter, logics)
}

/** The number of the step that a machine was handed over with; 0 where it is followed from its genesis. */
export const handedAt = async (store: Store, machine: MachineId): Promise<bigint> => {
  const record = await store.get(HANDED, bytesFromId(machine))
  return record ? handedMachine.decode(record.value).step.transition.sequence : 0n
}
