/**
 * Footprints: which keys of which machine's state each interaction reads and changes, noted while it is run.
 *
 * Promise. The logics that are returned do what the given ones do. A step that is run again on a state in which exactly these
 * keys are known meets no place that is unknown.
 */
import type { InteractionId, MachineId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import type { Call, Logic, LogicRegistry, Path, Prefix } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'

/** `removed`: taken away at some time, so that what stands beside it matters. */
export type Use = 'read' | 'set' | 'removed'

export type Uses = Map<StateKey, Use>

export type Footprints = {
  readonly logics: LogicRegistry
  /** What an interaction does with a machine's state. */
  readonly of: (interaction: InteractionId, machine: MachineId) => ReadonlyMap<StateKey, Use>
}

const STRONGEST: readonly Use[] = ['read', 'set', 'removed']

/** Notes a use; the one that needs more of the tree stays. */
export const noteUse = (uses: Uses, key: StateKey, use: Use): void => {
  const known = uses.get(key)
  if (known === undefined || STRONGEST.indexOf(known) < STRONGEST.indexOf(use)) uses.set(key, use)
}

export const footprintsOf = (logics: LogicRegistry): Footprints => {
  const noted = new Map<string, Uses>()
  const usesOf = (interaction: InteractionId, machine: MachineId): Uses => {
    const name = `${interaction} ${machine}`
    const known = noted.get(name) ?? new Map<StateKey, Use>()
    noted.set(name, known)
    return known
  }
  const watched = (logic: Logic): Logic => ({
    ...logic,
    apply: (call) => {
      const note = (machine: MachineId, path: Path, use: Use, of?: Prefix): void =>
        noteUse(usesOf(call.interaction, machine), call.keyOf(machine, path, of), use)
      const watching: Call = {
        ...call,
        read: (machine, path, of) => {
          note(machine, path, 'read', of)
          return call.read(machine, path, of)
        },
      }
      const changes = logic.apply(watching)
      if (isFault(changes)) return changes
      for (const { machine, path, value } of changes) {
        note(machine, path, value === undefined ? 'removed' : 'set')
      }
      return changes
    },
  })
  return {
    logics: new Map([...logics].map(([name, logic]) => [name, watched(logic)])),
    of: usesOf,
  }
}
