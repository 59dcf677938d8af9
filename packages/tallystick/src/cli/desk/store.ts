/**
 * Where a desk keeps what a party must not forget: the inputs since the last checkpoint, the memory of that checkpoint, the
 * final steps, and the last vow.
 *
 * | file | what |
 * |---|---|
 * | `journal` | the memory of the last checkpoint, if there was one, then every input since |
 * | `history` | final steps up to the last checkpoint, oldest first |
 * | `guard` | the last vow, see `guard.ts` |
 * | `lock` | the process that works here |
 *
 * A checkpoint adds steps to `history` first and puts the new journal in the place of the old one last, so a crash between
 * the two leaves steps that the old journal leads to again.
 */
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { MachineId } from '../../base/brand.ts'
import { concatBytes } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import { type RecordedInput, recordedInput } from '../../models/bilateral/input.ts'
import type { LastVow } from '../../models/bilateral/state.ts'
import { createPrivateFolder } from '../durable-file.ts'
import { type GuardFinding, openGuard } from './guard.ts'
import { type Journal, openJournal, syncFolder } from './journal.ts'
import { takeLock } from './lock.ts'

export type Loaded = {
  readonly memory: Uint8Array | undefined
  /** Inputs since, oldest first. */
  readonly inputs: readonly Uint8Array[]
  readonly steps: readonly Uint8Array[]
  /** What the guard says. */
  readonly guard: GuardFinding
  /** Bytes of torn ends that were cut off. */
  readonly cut: number
}

export type DeskStore = {
  readonly loaded: Loaded
  /** Adds inputs, and the last vow where it changed. On disk when it returns. */
  readonly record: (inputs: readonly RecordedInput[], last: LastVow | undefined) => void
  /** Replaces all inputs so far by a memory; `steps` are those that became final since the last checkpoint. */
  readonly checkpoint: (memory: Uint8Array, steps: readonly Uint8Array[]) => void
  /** Bytes stored since the last checkpoint, and in all. */
  readonly size: () => { readonly since: number; readonly total: number }
  readonly close: () => void
}

export type FolderOptions = {
  readonly machine: MachineId
  readonly durable: boolean
  /** Where the guard stands, if not in the folder: a place that backups of the folder leave alone. */
  readonly guard?: string
}

const INPUT = 0
const MEMORY = 1

/** Opens a folder, or makes one. Raises `desk/locked` and the faults of `openJournal`. */
export const openFolderStore = (folder: string, options: FolderOptions): DeskStore => {
  createPrivateFolder(folder)
  const release = takeLock(join(folder, 'lock'))
  try {
    return openLocked(folder, options, release)
  } catch (error) {
    release()
    throw error
  }
}

/** A store that forgets everything: for measurements and tests. */
export const createMemoryStore = (): DeskStore => ({
  loaded: { memory: undefined, inputs: [], steps: [], guard: { is: 'none' }, cut: 0 },
  record: () => undefined,
  checkpoint: () => undefined,
  size: () => ({ since: 0, total: 0 }),
  close: () => undefined,
})

const openLocked = (folder: string, options: FolderOptions, release: () => void): DeskStore => {
  const { durable, machine } = options
  const path = join(folder, 'journal')
  // Left over from a checkpoint that a crash interrupted.
  rmSync(`${path}.next`, { force: true })
  let journal = openJournal(path, { durable })
  const history = openJournal(join(folder, 'history'), { durable })
  const guard = openGuard(options.guard ?? join(folder, 'guard'), { machine, durable })
  const start = readRecords(journal, path)
  let isGuarded = guard.found.is !== 'missing'
  if (!isGuarded && journal.records.length + history.records.length === 0) {
    guard.write(undefined)
    isGuarded = true
  }
  let last = guard.found.is === 'vow' ? guard.found.last : undefined
  return {
    loaded: {
      ...start,
      steps: history.records,
      guard: guard.found,
      cut: journal.cut + history.cut,
    },
    record: (inputs, now) => {
      if (inputs.length > 0) {
        journal.append(inputs.map((one) => recordFrom(INPUT, recordedInput.encode(one))))
      }
      // What to do about a guard that was missing is among these inputs, so it need not be found missing again.
      if (isGuarded && (!now || now === last)) return
      guard.write(now)
      isGuarded = true
      last = now ?? last
    },
    checkpoint: (memory, steps) => {
      history.append(steps)
      const next = openJournal(`${path}.next`, { durable })
      next.append([recordFrom(MEMORY, memory)])
      renameSync(`${path}.next`, path)
      if (durable) syncFolder(folder)
      journal.close()
      journal = next
    },
    size: () => ({ since: journal.size(), total: journal.size() + history.size() }),
    close: () => {
      for (const one of [journal, history, guard]) one.close()
      release()
    },
  }
}

const recordFrom = (kind: number, bytes: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(kind), bytes)

const readRecords = (journal: Journal, path: string): Pick<Loaded, 'memory' | 'inputs'> => {
  const [first, ...others] = journal.records
  const memory = first?.[0] === MEMORY ? first.subarray(1) : undefined
  const inputs = memory || !first ? others : journal.records
  const odd = inputs.findIndex((one) => one[0] !== INPUT)
  if (odd >= 0) {
    const part = `record ${odd + (memory ? 1 : 0)}`
    throw new Fault('journal/damaged', `${part} of ${path} is of no known kind`, { part })
  }
  return { memory, inputs: inputs.map((one) => one.subarray(1)) }
}
