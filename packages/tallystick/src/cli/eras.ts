/**
 * Eras of a machine folder: what came after the terms were changed, one folder `after-N` for each, where N is the step that
 * brought the terms.
 *
 * | file | what |
 * |---|---|
 * | `era` | the terms, the machine at step N, and what shows that those who follow have accepted it |
 * | `desk/` | of two who sign by themselves again: as the first desk |
 * | `directory.json`, `steps`, `wanted`, `accepted` | under operators: see `shared/folder.ts` of `@tallystick/node` |
 *
 * Promise. An era is there whole or not at all, and only once the acceptance that stands in it was checked.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bytes, type Codec, list, struct } from '../base/codec.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { CERTIFICATE_BYTES_MAX, STATE_LEAVES_MAX } from '../base/limits.ts'
import { type Terms, terms } from '../kernel/charter.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import { transition, type Transition, transitionId } from '../kernel/transition.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { BILATERAL } from '../models/bilateral/policy.ts'
import { handedValue, type HandedValue } from '../models/directory/handed-machine.ts'
import { DIRECTORY } from '../models/directory/policy.ts'
import { entriesOf, rootOf, treeFrom } from '../state/tree.ts'
import { createFile, createPrivateFolder, readPrivateFile } from './durable-file.ts'
import type { MachineFolder } from './machine-folder.ts'

export type Era = {
  readonly path: string
  /** The machine at the step that brought the terms. */
  readonly start: Machine
  /** The step's certificate under the new terms. */
  readonly accepted: Uint8Array
}

type EraFile = {
  readonly terms: Terms
  readonly head: Transition
  readonly state: readonly HandedValue[]
  readonly accepted: Uint8Array
}

const eraFile: Codec<EraFile> = struct<EraFile>({
  terms,
  head: transition,
  state: list(handedValue, STATE_LEAVES_MAX),
  accepted: bytes(CERTIFICATE_BYTES_MAX),
})

const ERA_FILE = 'era'
const ERA_BYTES_MAX = 67_108_864

/** Oldest first. Raises `machine/damaged`. */
export const erasOf = (folder: MachineFolder): readonly Era[] =>
  readdirSync(folder.path)
    .flatMap((name) => {
      const at = /^after-([0-9]{1,18})$/.exec(name)?.[1]
      return at === undefined || !existsSync(join(folder.path, name, ERA_FILE)) ? [] : [Number(at)]
    })
    .sort((a, b) => a - b)
    .map((at) => eraAt(folder, join(folder.path, `after-${at}`)))

const eraAt = (folder: MachineFolder, path: string): Era => {
  const era = faultFrom((): Era | Fault => {
    const read = eraFile.decode(readPrivateFile(join(path, ERA_FILE), ERA_BYTES_MAX))
    const genesis = openMachine(folder.charter, STANDARD_LOGICS)
    if (isFault(genesis)) return genesis
    const { suite } = read.terms
    const state = treeFrom(
      suite,
      read.state.map(({ key, value }) => [key, value] as const),
    )
    const { head, accepted } = read
    if (head.machine !== folder.id || rootOf(state) !== head.state) {
      return new Fault('machine/damaged', 'its state is of another step')
    }
    const headId = transitionId(suite, head)
    return { path, accepted, start: { ...genesis, terms: read.terms, head, headId, state } }
  })
  if (isFault(era)) throw new Fault('machine/damaged', `no usable ${path}: ${era.message}`)
  return era
}

/** The era that a machine is in; missing while it goes on under the terms of its charter, or others of the same two. */
export const eraOf = (folder: MachineFolder): Era | undefined => erasOf(folder).at(-1)

/** Begins an era, with more files if it needs them. Does nothing where it is there. */
export const beginEra = (
  folder: MachineFolder,
  { start, accepted }: Omit<Era, 'path'>,
  more: ReadonlyMap<string, Uint8Array> = new Map(),
): Era => {
  const path = join(folder.path, `after-${start.head.sequence}`)
  if (existsSync(join(path, ERA_FILE))) return eraAt(folder, path)
  const draft = join(folder.path, `.draft-${randomBytes(6).toString('hex')}`)
  createPrivateFolder(draft)
  try {
    const { terms: now, head } = start
    const state = entriesOf(start.state).map(([key, value]) => ({ key, value }))
    createFile(join(draft, ERA_FILE), eraFile.encode({ terms: now, head, state, accepted }))
    for (const [name, file] of more) createFile(join(draft, name), file)
    renameSync(draft, path)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return eraAt(folder, path)
}

export const isUnderOperators = ({ start }: Era): boolean => start.terms.policy.kind === DIRECTORY

export const isUnderBoth = ({ start }: Era): boolean => start.terms.policy.kind === BILATERAL
